"""The running service: FastAGI sessions, the AMI link, the journal of evidence."""
