"""Run ids and run names, made on this machine.

Promises: they come from the operating system's randomness, so no seed or generator of the user's is consumed.
Not for: uniqueness across stores (a clash of two eight-character ids is one in 10**12, and the caller checks its own store).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from difflib import get_close_matches

RUN_ID_LENGTH = 8
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"

_ADJECTIVE_LIST = (
    "amber autumn bold brave breezy bright brisk calm careful cheerful clear clever copper cosy crisp curious daring dawn deep "
    "early easy faithful fancy fresh frosty gentle glad golden grand green happy hidden honest humble icy jolly keen kind late "
    "light lively lucky mellow merry mild misty modest morning neat new noble northern olive patient playful plucky polite proud "
    "pure quick quiet rapid rare ready rosy rustic sandy serene sharp shiny silent silver simple smooth snowy soft solar sound "
    "southern spry stable steady still stony sturdy sunny sweet swift tidy tranquil true upbeat vivid warm wild wise witty young"
)
_NOUN_LIST = (
    "acorn badger bay beach birch bird bloom breeze bridge brook canyon cedar cliff cloud clover comet coral creek crow dale "
    "dawn deer delta desert dew dove dune eagle elm ember falcon feather fern field finch fjord flame forest fox frost garden "
    "glade glen grove harbour hare hawk hazel heath heron hill island ivy lagoon lake lark leaf lily lynx maple marsh meadow "
    "meteor mist moon moss mountain oak ocean otter owl path peak pebble pine planet plum pond prairie rain raven reed reef "
    "ridge river robin rose sage sea shade shore sky snow sparrow spring spruce star stone stream summit sun swan thicket tide "
    "trail valley wave willow wind wolf wood wren"
)
_ADJECTIVES = _ADJECTIVE_LIST.split()
_NOUNS = _NOUN_LIST.split()


def new_run_id() -> str:
    """Returns a fresh run id: 8 lower-case letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(RUN_ID_LENGTH))


def new_run_name(number: int) -> str:
    """Returns a name such as `quiet-river-3` for the run that is number `number` of its project."""
    return f"{secrets.choice(_ADJECTIVES)}-{secrets.choice(_NOUNS)}-{number}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Returns ` Did you mean 'config'?` for the known word nearest to `name`, or nothing if none is near."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""
