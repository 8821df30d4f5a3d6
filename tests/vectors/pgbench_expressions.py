#!/usr/bin/env python3
"""Writes pgbench-expressions.txt: what the real pgbench makes of many expressions.

    pgbench_expressions.py PGBENCH [its connection options]  > pgbench-expressions.txt

Each expression goes through `pgbench -t 1 -D default_seed=5432` as `\\set x debug(EXPRESSION)`; a
line of the file is the expression, a tab, and what debug() said, or "error". Hand-written ones come
first, then random ones from a fixed seed.
"""

import random
import re
import subprocess
import sys
import tempfile

BY_HAND = r"""
1 + 2 * 3
(1 + 2) * 3
- 3 + 5
- 2 * -3
--5
+7
1.5e3
.5
5.
1e400
9223372036854775807
-9223372036854775808
9223372036854775808
9223372036854775807 + 1
-9223372036854775807 - 2
9223372036854775807 * 2
-9223372036854775808 / -1
-9223372036854775808 % -1
7 / 2
-7 / 2
7 % 3
-7 % 3
7.0 / 2
7.5 % 2
7 / 0
7 % 0
7.0 / 0
1 / 0.0
2.5 % 2
int(2.5)
int(3.5)
int(-2.5)
int(1e30)
int(true)
double(true)
double(3)
double(1) / 3
1 = 1.0
1 <> 2
1 != 1
2 > 1
1 >= 2
1 < 2 < 3
(1 < 2) = true
1 + true
true = true
true and 1
1 and true
not 1
not true = false
not null
not 1 is null
null is null
null is not null
1 isnull
1 notnull
null notnull
1 is true
true is true
false is true
true is not false
1 = 2 is false
1 + 2 is null
null + 1
null = null
null and false
null and true
false and null
true and null
true or null
null or true
false or null
false and 1 / 0 = 1
true or 1 / 0 = 1
1 | 6
7 & 3
7 # 2
~ 5
~ 1 + 2
~ 1 | 2
- ~ 5
2 * ~ 1 + 3
1 << 3
1 << 3 + 1
1 << 64
1 << -1
-16 >> 2
1 | 2 << 1
1 + 2 | 4
2.6 | 1
case when 1 > 2 then 3 end
case when 1 > 2 then 3 else 4 end
case when null then 1 when 2 then 3 else 4 end
case when 0.0 then 1 when 0.1 then 2 end
CASE WHEN TRUE THEN 1 ELSE 1 / 0 END
case 1 when 1 then 2 end
abs(-17)
abs(-17.5)
abs(-9223372036854775807)
greatest(1, 2.5, 2)
least(3, 2, 1)
greatest(1, null)
least(5)
greatest()
mod(54, 32)
mod(-7, 3)
pi()
PI()
sqrt(2)
sqrt(-1.0)
ln(exp(2))
ln(0)
exp(710)
pow(2, 10)
power(2.0, 0.5)
pow(0, -1)
pow(-8, 1.0 / 3)
debug(5 - 3)
debug(null)
foo(1)
pi
1 +
(1
1 2
:default_seed
hash(10)
hash(10, 5432)
hash(null)
hash_murmur2(10, 0)
hash_murmur2(-1, 42)
hash_murmur2(9223372036854775807, -1)
hash_fnv1a(10, 5432)
hash_fnv1a(10)
hash_fnv1a(-1, 42)
hash_fnv1a(0, 0)
hash(3.7, 1)
permute(0, 1)
permute(0, 4)
permute(1, 4)
permute(2, 4)
permute(3, 4)
permute(5, 10, 42)
permute(99, 10, 42)
permute(-1, 10, 42)
permute(123456, 1000003, 7)
permute(0, 9223372036854775807, 3)
permute(9223372036854775806, 9223372036854775807, 3)
permute(1, 0)
permute(1, -5)
random(5, 5)
random(2, 1)
random(-9223372036854775808, 9223372036854775807)
random_gaussian(1, 1, 1.9)
random_exponential(1, 1, 0.0)
random_zipfian(1, 1, 1.0)
random_zipfian(1, 1, 1001.0)
random_gaussian(4, 4, 2.0)
random_exponential(4, 4, 0.1)
random_zipfian(4, 4, 1.001)
1 is null is null
1 = 1 is true
not true is null
not false and false
true or false and false
1 - 2 - 3
100 / 10 / 5
2 + 3 = 5 and 4 < 5
1 + 1 is not null or null
5 % 3 * 2
1 <> 1 = false
""".strip().splitlines()

# pgbench reads a double out of the boolean's bytes here; the number means nothing.
SKIPPED = ["abs((2) = (0))",
           "abs(case when 7 then case when -2.0 then false else 2 end else ~ 1 end)"]

LEAVES = ["0", "1", "2", "3", "7", "-4", "100", "1.5", "0.25", "-2.0", "null", "true", "false",
          "9223372036854775807", ":default_seed"]
BINARY = ["+", "-", "*", "/", "%", "=", "<>", "<", "<=", ">", ">=", "|", "&", "#", "<<", ">>",
          "and", "or"]
CALLS = [("abs", 1), ("int", 1), ("double", 1), ("greatest", 2), ("least", 3), ("mod", 2),
         ("hash", 1), ("hash_fnv1a", 2), ("hash_murmur2", 2), ("permute", 3), ("pow", 2),
         ("sqrt", 1)]


def made(dice, depth):
    """A random expression; few parentheses, so that precedence decides."""
    kind = dice.random()
    if depth == 0 or kind < 0.2:
        return dice.choice(LEAVES)
    if kind < 0.65:
        return "%s %s %s" % (made(dice, depth - 1), dice.choice(BINARY), made(dice, depth - 1))
    if kind < 0.75:
        return "(%s)" % made(dice, depth - 1)
    if kind < 0.83:
        return "%s %s" % (dice.choice(["-", "~", "not", "+"]), made(dice, depth - 1))
    if kind < 0.88:
        after = dice.choice(["is null", "is not true", "isnull", "notnull", "is false"])
        return "%s %s" % (made(dice, depth - 1), after)
    if kind < 0.92:
        parts = tuple(made(dice, depth - 1) for _ in range(3))
        return "case when %s then %s else %s end" % parts
    name, count = dice.choice(CALLS)
    return "%s(%s)" % (name, ", ".join(made(dice, depth - 1) for _ in range(count)))


def told(command, expression):
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write("\\set x debug(%s)\n" % expression)
        script.flush()
        run = subprocess.run(command + ["-n", "-t", "1", "-D", "default_seed=5432", "-f",
                                        script.name], capture_output=True, text=True)
    found = re.findall(r"debug\(script=0,command=1\): (.*)", run.stderr)
    return found[-1] if found and run.returncode == 0 else "error"


def main():
    command = sys.argv[1:]
    version = subprocess.run([command[0], "--version"], capture_output=True, text=True).stdout
    print("# Made by pgbench_expressions.py with %s" % version.strip())
    dice = random.Random(20260131)
    for expression in BY_HAND + [made(dice, 3) for _ in range(600)]:
        if expression not in SKIPPED:
            print("%s\t%s" % (expression, told(command, expression)))


if __name__ == "__main__":
    main()
