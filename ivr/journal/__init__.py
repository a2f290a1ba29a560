"""Carries evidence from Asterisk's files to the api, at least once; positions make it count once there."""
