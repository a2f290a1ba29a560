"""How long a caller may expect to wait, as it is told once before the queue. Pure.

Why not app_queue's own announcement: when the sound of a number is missing it drops the caller (say_position() in
apps/app_queue.c and say_filenames() in main/say.c of Asterisk 22), while Playback() goes on with the next sound.
"""

from dataclasses import replace

from ivr.queues.places import Places
from routing.decisions import Decision
from routing.plan import Plan, PromptId

_MINUTE_S = 60
_ROUNDED_FROM_MIN = 20
_TEN_MIN = 10
_LONGEST_MIN = 90


def with_expected_wait(plan: Plan, decision: Decision, places: Places | None) -> Decision:
    """Adds the expected wait to what the caller hears first, where others wait and the plan has the words.

    Reports of a detention are ahead of all: nothing is told to them.
    """
    waiting = plan.queues[decision.queue].waiting
    words = waiting.speech.expected_wait if waiting is not None and waiting.speech is not None else None
    if words is None or places is None or decision.service == plan.line.detention_service:
        return decision
    if not any(each.queue == decision.queue for each in places.waiting):
        return decision
    minutes = spoken_minutes(places.usual_wait_s.get(decision.queue, 0))
    told = (words, PromptId(f"say-{minutes}"))
    if minutes == 0 or not plan.prompts.keys() >= set(told):
        return decision
    return replace(decision, announcements=(*decision.announcements, *told))


def spoken_minutes(wait_s: int) -> int:
    """Gives whole minutes that are one spoken number: up to 20 rounded up, above by tens, at most 90."""
    minutes = -(-wait_s // _MINUTE_S)
    if minutes > _ROUNDED_FROM_MIN:
        minutes = -(-minutes // _TEN_MIN) * _TEN_MIN
    return min(minutes, _LONGEST_MIN)
