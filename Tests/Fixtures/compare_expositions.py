"""Compares two pages in the text format sample by sample.

usage: compare_expositions.py ONE OTHER

Prints each difference, and exits 1 if there is one. Families must agree in type and help, samples in name, labels and
value; the bounds of buckets agree as numbers. The order of families, samples and labels says nothing, nor does a family
without samples. Values may differ by what adding the same numbers in another order makes.
"""

import math
import sys

from prometheus_client.parser import text_string_to_metric_families


def samples(text):
    """Families by name, and values by (name, labels); a series that is there twice is an error."""
    families, values = {}, {}
    for family in text_string_to_metric_families(text):
        if not family.samples:
            continue
        families[family.name] = (family.type, family.documentation)
        for sample in family.samples:
            labels = dict(sample.labels)
            if "le" in labels:
                labels["le"] = float(labels["le"])
            key = (sample.name, tuple(sorted(labels.items(), key=str)))
            if key in values:
                raise SystemExit(f"{key} is there twice")
            values[key] = sample.value
    return families, values


def same(one, other):
    return math.isclose(one, other, rel_tol=1e-12) or (math.isnan(one) and math.isnan(other))


def differences(one, other):
    (families_one, values_one), (families_other, values_other) = samples(one), samples(other)
    for name in sorted(families_one.keys() | families_other.keys()):
        if families_one.get(name) != families_other.get(name):
            yield f"family {name}: {families_one.get(name)} and {families_other.get(name)}"
    for key in sorted(values_one.keys() | values_other.keys(), key=str):
        if key not in values_one or key not in values_other:
            yield f"{key}: only in the {'first' if key in values_one else 'second'}"
        elif not same(values_one[key], values_other[key]):
            yield f"{key}: {values_one[key]!r} and {values_other[key]!r}"


def main():
    with open(sys.argv[1], encoding="utf-8") as one, open(sys.argv[2], encoding="utf-8") as other:
        found = list(differences(one.read(), other.read()))
    for line in found[:50]:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
