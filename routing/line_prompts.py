"""Prompts that the dialplan plays by their names, where a plan has them. Pure.

A plan of before, which lacks one, costs the caller a text and nothing else.
"""

from routing.plan import PromptId

NUMBER_IS = PromptId("detention-number")
"""Before the registration number, digit by digit."""
NUMBER_AGAIN = PromptId("detention-number-again")
"""After it: the key that repeats it."""
RECORDING = PromptId("recording-announcement")
"""Before a conversation is recorded: the key that declines."""
RECORDING_DECLINED = PromptId("recording-declined")
SPOKEN_BY_LINE = (NUMBER_IS, NUMBER_AGAIN, RECORDING, RECORDING_DECLINED)
