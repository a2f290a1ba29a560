"""What Asterisk plays by itself has a text in every plan."""

from routing.asterisk_sounds import SILENT_SOUNDS, TONE_SOUNDS, asterisk_prompts, spoken_sounds
from routing.say import say_prompts
from tests.unit.routing.plans import legal_aid_plan

QUEUE_DEFAULTS = {
    "queue-youarenext", "queue-thereare", "queue-callswaiting", "queue-quantity1", "queue-quantity2", "queue-holdtime",
    "queue-minutes", "queue-minute", "queue-seconds", "queue-thankyou", "queue-reporthold", "queue-periodic-announce",
}  # fmt: skip
"""Source: init_queue() in apps/app_queue.c of Asterisk 22."""
FEATURE_DEFAULTS = {"beep", "beeperr", "pbx-invalid", "privacy-incorrect", "pbx-transfer"}
"""Source: main/features_config.c of Asterisk 22."""


def test_every_default_sound_of_queues_and_transfers_is_ours() -> None:
    ours = {*spoken_sounds(), *SILENT_SOUNDS, *TONE_SOUNDS}
    assert ours >= QUEUE_DEFAULTS | FEATURE_DEFAULTS


def test_every_spoken_sound_is_a_prompt_of_the_plan() -> None:
    plan = legal_aid_plan()
    assert {prompt for prompt in spoken_sounds().values() if prompt not in plan.prompts} == set()
    assert set(asterisk_prompts()) <= set(spoken_sounds().values())
    assert plan.prompts[spoken_sounds()["digits/200"]] == say_prompts()[spoken_sounds()["digits/200"]]
