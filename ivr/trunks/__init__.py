"""Whether the trunks for calls that go out answer: asked every night by SIP OPTIONS."""
