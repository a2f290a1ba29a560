"""Tests of routing: pure, no sockets."""
