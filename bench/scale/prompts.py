"""Prompts of a team's two years: common words and rare ones, some Japanese, some Vietnamese."""

import random
from itertools import accumulate

from hubportal.listing.search.terms import terms_of_text

COMMON, RARE, ABSENT = "harbour", "zeppelin", "submarine"
JAPANESE, VIETNAMESE = "夕暮", "ca phe"
# One prompt in so many has these.
POOL = 30_000
RARE_EVERY, JAPANESE_EVERY, VIETNAMESE_EVERY = 25_000, 33, 50
_SYLLABLES = ("ba", "con", "dal", "fer", "gil", "hom", "kin", "lor", "mar", "nel", "pol", "rus", "sam", "tor", "vel")
_JAPANESE = ("夕暮れの港に浮かぶ赤い船", "雨の夜の京都の路地", "朝の市場で働く人々", "夕暮れの海と古い灯台")
_VIETNAMESE = ("Cà phê sữa đá ở Đà Lạt", "Cà phê vỉa hè buổi sáng", "Chợ nổi Cái Răng lúc bình minh")


class Prompts:
    """Some thousand, made up beforehand; every second has the common word."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(3000)]
        # As in any language: the hundredth word is a hundredth as frequent as the first.
        self._weights = list(accumulate(1 / (place + 3) for place in range(len(self._words))))
        # Most is asked for more than once.
        self._made = [self._make(number) for number in range(POOL)]

    def make(self, number: int) -> tuple[str, list[str]]:
        """A prompt, and its words as search knows them."""
        if number % RARE_EVERY == 7:
            return self._make(number)
        return self._made[self._chance.randrange(POOL // 2) * 2 + number % 2]

    def _make(self, number: int) -> tuple[str, list[str]]:
        chance = self._chance
        words = chance.choices(self._words, cum_weights=self._weights, k=chance.randint(6, 14))
        if number % 2:
            words.insert(2, COMMON)
        if number % RARE_EVERY == 7:
            words.append(RARE)
        if number % JAPANESE_EVERY == 3:
            words.append(chance.choice(_JAPANESE))
        if number % VIETNAMESE_EVERY == 5:
            words.append(chance.choice(_VIETNAMESE))
        prompt = " ".join(words)
        return prompt, list(terms_of_text(prompt))
