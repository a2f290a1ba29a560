"""A small plan for tests, built in code: two offices, two queues, three operators, one menu."""

from datetime import date

from routing.asterisk_sounds import asterisk_prompts
from routing.languages import Language, Text
from routing.plan import (
    Calendar,
    DatePeriod,
    Did,
    Line,
    Membership,
    Menu,
    MenuId,
    MenuOption,
    MinuteRange,
    Office,
    OfficeId,
    Operator,
    OperatorId,
    Plan,
    PlanVersion,
    Prompt,
    PromptId,
    Queue,
    QueueName,
    ReservedKeys,
    Service,
    ServiceId,
    ToService,
)
from routing.say import say_prompts

DID = Did("+380800213103")
SUMY = QueueName("sumy")
CHERNIVTSI = QueueName("chernivtsi")
CONSULTATION = ServiceId("consultation")
GUIDANCE = ServiceId("guidance")
OPERATOR = ServiceId("operator")
DETENTION = ServiceId("detention")
MAIN_MENU = MenuId("main")
PLAN_VERSION = PlanVersion("0123456789abcdef")

_WORKDAY = (MinuteRange(start_minute=8 * 60, end_minute=18 * 60),)
_WEEK = (*(_WORKDAY,) * 5, (), ())
_EMPTY = ("unavailable", "invalid", "unknown", "paused")


def small_plan() -> Plan:
    """A whole, valid plan with made-up sizes.

    Sumy works Monday to Friday 08:00-18:00 and overflows to Chernivtsi, which is there round the clock.
    Key 1 is the consultation (Sumy), 2 guidance, 4 detention, 0 the operator (all Chernivtsi).
    """
    return Plan(
        version=PLAN_VERSION,
        line=_line(),
        calendar=Calendar(
            timezone="Europe/Kyiv",
            martial_law=(DatePeriod(start_date=date(2022, 3, 24), end_date=None),),
            holidays=(),
            moved_days=(),
            exceptions=(),
        ),
        offices={office.id: office for office in _offices()},
        queues={queue.name: queue for queue in (_chernivtsi(), _sumy())},
        services={service.id: service for service in _services()},
        menus={MAIN_MENU: _main_menu()},
        operators={operator.id: operator for operator in _operators()},
        centres={},
        hotlines={},
        prompts={prompt.id: prompt for prompt in _prompts()} | say_prompts() | asterisk_prompts(),
    )


def _line() -> Line:
    return Line(
        title=Text(uk="Безоплатна правова допомога", en="Free legal aid"),
        dids=(DID, Did("+380443631041")),
        languages=(Language.UK, Language.EN),
        greeting=PromptId("greeting"),
        wrong_key=PromptId("wrong-key"),
        entry_menu=MAIN_MENU,
        keys=ReservedKeys(operator="0", detention="4", language="9", repeat="*", back="#"),
        operator_service=OPERATOR,
        detention_service=DETENTION,
        last_resort_queue=CHERNIVTSI,
    )


def _offices() -> tuple[Office, ...]:
    return (
        Office(id=OfficeId("chernivtsi"), title=Text(uk="Чернівці", en="Chernivtsi"), hours=None),
        Office(id=OfficeId("sumy"), title=Text(uk="Суми", en="Sumy"), hours=_WEEK),
    )


def _chernivtsi() -> Queue:
    return Queue(
        name=CHERNIVTSI,
        title=Text(uk="Чернівці", en="Chernivtsi"),
        office=OfficeId("chernivtsi"),
        strategy="rrmemory",
        ring_s=15,
        retry_s=1,
        wrapuptime_s=5,
        weight=10,
        capacity=0,
        max_wait_s=None,
        joinempty=(),
        leavewhenempty=(),
        service_level_s=20,
        overflow=None,
    )


def _sumy() -> Queue:
    return Queue(
        name=SUMY,
        title=Text(uk="Суми", en="Sumy"),
        office=OfficeId("sumy"),
        strategy="leastrecent",
        ring_s=15,
        retry_s=1,
        wrapuptime_s=10,
        weight=5,
        capacity=20,
        max_wait_s=120,
        joinempty=_EMPTY,
        leavewhenempty=_EMPTY,
        service_level_s=30,
        overflow=CHERNIVTSI,
    )


def _service(service: ServiceId, title: Text, queue: QueueName, priority: int) -> Service:
    return Service(
        id=service,
        title=title,
        queue=queue,
        priority=priority,
        hours=None,
        closed_queue=CHERNIVTSI if queue == SUMY else None,
        closed_announcement=PromptId("sumy-closed") if queue == SUMY else None,
    )


def _services() -> tuple[Service, ...]:
    return (
        _service(CONSULTATION, Text(uk="Правова консультація", en="Legal consultation"), SUMY, 10),
        _service(GUIDANCE, Text(uk="Як отримати допомогу", en="How to get aid"), CHERNIVTSI, 10),
        _service(OPERATOR, Text(uk="Оператор", en="Operator"), CHERNIVTSI, 10),
        _service(DETENTION, Text(uk="Затримання людини", en="Detention of a person"), CHERNIVTSI, 1000),
    )


def _main_menu() -> Menu:
    return Menu(
        id=MAIN_MENU,
        title=Text(uk="Головне меню", en="Main menu"),
        prompt=PromptId("main-menu"),
        options=(
            MenuOption(
                key="1",
                title=Text(uk="Правова консультація", en="Legal consultation"),
                target=ToService(service=CONSULTATION),
            ),
            MenuOption(
                key="2",
                title=Text(uk="Як отримати допомогу", en="How to get aid"),
                target=ToService(service=GUIDANCE),
            ),
        ),
        timeout_s=5,
        no_input_tries=1,
        no_match_tries=3,
    )


def _operator(operator: str, name: str, office: str, *queues: QueueName) -> Operator:
    return Operator(
        id=OperatorId(operator),
        name=name,
        office=OfficeId(office),
        memberships=tuple(Membership(queue=queue, penalty=penalty) for penalty, queue in enumerate(queues)),
    )


def _operators() -> tuple[Operator, ...]:
    return (
        _operator("chernivtsi01", "Оператор Чернівці 1", "chernivtsi", CHERNIVTSI),
        _operator("chernivtsi02", "Оператор Чернівці 2", "chernivtsi", CHERNIVTSI),
        _operator("sumy01", "Оператор Суми 1", "sumy", SUMY, CHERNIVTSI),
    )


def _prompts() -> tuple[Prompt, ...]:
    texts = {
        "greeting": Text(
            uk="Вітаємо! Ви зателефонували на лінію безоплатної правової допомоги.",
            en="Welcome! You have reached the free legal aid line.",
        ),
        "wrong-key": Text(uk="Такої цифри в меню немає.", en="There is no such option."),
        "main-menu": Text(
            uk="Щоб отримати правову консультацію, натисніть 1. Щоб дізнатися, як отримати допомогу, натисніть 2.",
            en="For a legal consultation, press 1. To learn how to get aid, press 2.",
        ),
        "sumy-closed": Text(
            uk="Юристи консультують у будні з восьмої до вісімнадцятої години. З'єднуємо вас з оператором.",
            en="Lawyers give consultations on weekdays from 8 to 18. We are connecting you to an operator.",
        ),
    }
    return tuple(Prompt(id=PromptId(name), text=text) for name, text in texts.items())
