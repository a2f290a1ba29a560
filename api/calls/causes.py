"""Names of hang-up causes. Source: ITU-T Q.850; include/asterisk/causes.h of Asterisk 22. Pure."""

_NAMES = {
    0: "not defined",
    1: "unallocated number",
    2: "no route to transit network",
    3: "no route to destination",
    16: "normal clearing",
    17: "user busy",
    18: "no user response",
    19: "no answer",
    20: "subscriber absent",
    21: "call rejected",
    22: "number changed",
    26: "answered elsewhere",
    27: "destination out of order",
    28: "invalid number format",
    29: "facility rejected",
    31: "normal, unspecified",
    34: "no circuit available",
    38: "network out of order",
    41: "temporary failure",
    42: "switch congestion",
    44: "requested channel not available",
    50: "facility not subscribed",
    58: "bearer capability not available",
    65: "bearer capability not implemented",
    69: "facility not implemented",
    79: "service not implemented",
    88: "incompatible destination",
    102: "recovery on timer expiry",
    111: "protocol error",
    127: "interworking",
}


def cause_name(cause: int) -> str:
    """Gives the name of a Q.850 cause; one that is not in the list is told by its number."""
    return _NAMES.get(cause, f"cause {cause}")
