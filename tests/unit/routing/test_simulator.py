"""The simulator, over the plan that is shipped."""

from datetime import datetime, timedelta

import pytest

from routing.decisions import QueueDestination
from routing.languages import Language
from routing.overrides import OverrideAction
from routing.plan import QueueName
from routing.simulator import SimulationError, as_document, parse_keys, simulate
from tests.unit.routing.plans import SATURDAY_11, TUESDAY_11, TUESDAY_18, legal_aid_plan
from tests.unit.routing.test_decisions import OVERRIDE


@pytest.mark.parametrize(("moment", "keys", "queue", "service"), [
    (TUESDAY_11, "1", "sumy", "consultation"),
    (TUESDAY_18, "1", "chernivtsi", "consultation"),
    (SATURDAY_11, "1", "chernivtsi", "consultation"),
    (TUESDAY_11, "2", "chernivtsi", "aid_info"),
    (TUESDAY_11, "3", "chernivtsi", "hotlines"),
    (TUESDAY_11, "4", "chernivtsi", "detention"),
    (TUESDAY_11, "5", "chernivtsi", "centres"),
    (TUESDAY_11, "0", "chernivtsi", "operator"),
    (TUESDAY_11, "", "chernivtsi", "operator"),
    (TUESDAY_11, "6,7,8", "chernivtsi", "operator"),
    (TUESDAY_11, "9,1", "sumy", "consultation"),
    (TUESDAY_11, "*,#,1", "sumy", "consultation"),
])  # fmt: skip
def test_the_real_line_routes_as_the_issue_says(moment: datetime, keys: str, queue: str, service: str) -> None:
    simulation = simulate(legal_aid_plan(), moment, parse_keys(keys))
    assert simulation.destination == QueueDestination(queue=QueueName(queue))
    assert simulation.path[-2:] == (service, f"queue {queue}")


def test_a_code_is_one_answer_and_the_centre_stands_in_the_path() -> None:
    simulation = simulate(legal_aid_plan(), TUESDAY_11, parse_keys("5,54,1"))
    assert simulation.path[:5] == ("main: 5", "centres: 54", "centre-contact/sumy: 1", "centres", "centre sumy")
    assert any(text.startswith("Сумська область. ") for text in simulation.spoken)


def test_who_only_listens_after_key_3_hears_all_hotlines_and_comes_to_an_operator() -> None:
    simulation = simulate(legal_aid_plan(), TUESDAY_11, parse_keys("3,t"))
    assert simulation.path[:3] == ("main: 3", "hotlines/emergency: silence", "hotlines/domestic-violence: silence")
    assert simulation.path[-2:] == ("hotlines", "queue chernivtsi")


@pytest.mark.parametrize(("from_", "did", "first"), [
    ("+380501234567", None, "hotlines/emergency: 0"),
    (None, None, "hotlines/emergency: 0"),
    ("+48221234567", None, "hotlines/la-strada: 0"),
    ("+48221234567", "+380443631041", "hotlines/la-strada: 0"),
])  # fmt: skip
def test_short_numbers_are_told_only_inside_ukraine(from_: str | None, did: str | None, first: str) -> None:
    simulation = simulate(legal_aid_plan(), TUESDAY_11, ("3", "0"), from_=from_, did=did)
    assert simulation.path[1] == first


def test_detention_goes_ahead_of_everybody() -> None:
    plan = legal_aid_plan()
    of_detention = simulate(plan, TUESDAY_11, ("4",)).priority
    assert all(of_detention > simulate(plan, TUESDAY_11, (key,)).priority for key in "12350")


def test_out_of_hours_the_caller_hears_when_the_lawyers_work() -> None:
    simulation = simulate(legal_aid_plan(), TUESDAY_18, ("1",))
    assert "з понеділка по п'ятницю з восьмої до вісімнадцятої години" in simulation.spoken[-1]
    english = simulate(legal_aid_plan(), TUESDAY_18, ("9", "1"))
    assert "Monday to Friday, from 8 a.m. to 6 p.m." in english.spoken[-1]
    assert english.language is Language.EN


def test_silence_follows_the_last_key() -> None:
    assert simulate(legal_aid_plan(), TUESDAY_11, ("7",)).path[:2] == ("main: 7", "main: silence")


@pytest.mark.parametrize("did", ["0800213103", "80443631041", "+380443631041"])
def test_every_form_of_both_numbers_enters_the_line(did: str) -> None:
    assert simulate(legal_aid_plan(), TUESDAY_11, did=did, from_="0443631041").caller == "+380443631041"


def test_a_number_of_somebody_else_is_refused() -> None:
    with pytest.raises(SimulationError, match="no number of the line"):
        simulate(legal_aid_plan(), TUESDAY_11, did="102")


def test_an_override_is_rehearsed_too() -> None:
    override = OVERRIDE.__class__(
        id="o1",
        scope=OVERRIDE.scope,
        target="sumy",
        action=OverrideAction.CLOSED,
        destination=None,
        until=TUESDAY_11 + timedelta(hours=1),
        reason="немає світла",
        author="чергова",
        created_at=TUESDAY_11,
    )
    simulation = simulate(legal_aid_plan(), TUESDAY_11, ("1",), overrides=(override,))
    assert (simulation.queue, simulation.is_open) == ("chernivtsi", False)


def test_the_document_has_the_promised_keys_and_sentences() -> None:
    document = as_document(simulate(legal_aid_plan(), TUESDAY_11, ("1",)))
    promised = {"destination", "queue", "office", "priority", "open", "reasons", "path", "plan_version"}
    assert promised <= set(document)
    assert document["open"] is True
    assert isinstance(document["reasons"], list)
    assert document["reasons"][0]["uk"] == "Абонент натиснув 1 у меню «main»: Консультація юриста."


def test_keys_are_separated_by_commas() -> None:
    assert parse_keys("1, t,54,") == ("1", "t", "54")
