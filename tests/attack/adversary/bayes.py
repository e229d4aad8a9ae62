"""Bayes: how much better than a guess is the most likely count, given the value?"""

from collections.abc import Sequence

import numpy as np

from tests.attack.adversary.moments import Moment
from tests.attack.adversary.truth import Truth


def hit_rates(truth: Truth, moments: Sequence[Moment]) -> tuple[int, int, int]:
    """Count small counts, those the posterior mode gives, and those the best single guess gives without the map.

    The prior is the distribution of all counts of the layer over the city; the chance of a value given a count n is
    ``(b - |value - n|) / b`` for an unknown threshold. The guess without the map is one number for all.
    """
    looked_at = hits = blind = 0
    for moment in moments:
        exact, b = truth.atoms(moment), moment.layer.b
        seen = moment.seen & ~moment.capped & moment.firm & (moment.number == 1)
        small = [atom for atom in truth.small(moment).tolist() if seen[atom]]
        if not small:
            continue
        prior = np.bincount(exact[moment.seen]).astype(float)
        number = np.arange(len(prior))
        guess = {
            value: int(np.argmax(prior * np.clip(b - np.abs(value - number), 0, None)))
            for value in np.unique(moment.value[small]).tolist()
        }
        looked_at += len(small)
        hits += sum(guess[int(moment.value[atom])] == exact[atom] for atom in small)
        blind += int(np.bincount(exact[small]).max())
    return looked_at, hits, blind
