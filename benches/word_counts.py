#!/usr/bin/env python3
"""Makes src/finding/word_counts.txt: in how many of 2,000 texts about changes a word is found.

    benches/word_counts.py REPOSITORY… > src/finding/word_counts.txt

The texts are messages of commits, because findings to count in would be those to measure with. The
stored table is of nine public repositories in nine languages, as of August 2026: curl/curl,
rails/rails, tokio-rs/tokio, spring-projects/spring-framework, prometheus/prometheus, ansible/ansible,
symfony/symfony, vitejs/vite, dotnet/efcore. Of each, up to 4,000 messages of 8 words or more, evenly spaced
in its history, without trailers and addresses, up to the 40th word: about the length of a claim. A word
counts as often as in the median repository, which drops names of their own, scaled to 2,000 texts:
the corpus that the threshold was measured with, so that a word outside of the table weighs as much
as there. With MIN_COUNT 1, 5 and 20 clusters are as good (22, 6.5 and 1.3 KB), see
src/finding/tests/review_data.rs; with the claims of a review counted too, 20 joins 2 % fewer pairs.
"""
import collections, os, re, statistics, subprocess, sys

MESSAGES, MIN_WORDS, WORDS, SCALE, MIN_COUNT = 4000, 8, 40, 2000, 5
TRAILER = re.compile(r"^\s*([a-z][a-z-]*-(by|to|from|on|id|url)|cc|closes|fixes|refs?)[: ].*$|https?://\S+", re.I | re.M)
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../src/finding/similarity.rs")
STOP = set(re.search(r'STOP_WORDS: &str = "([^"]*)"', open(SOURCE).read())[1].replace("\\", " ").split())


def messages(repository):
    log = subprocess.run(["git", "-C", repository, "log", "--no-merges", "-z", "--format=%B", "HEAD"],
                         capture_output=True, check=True).stdout.decode(errors="replace")
    texts = [re.findall(r"[a-z][a-z0-9]+", TRAILER.sub("", text).lower())[:WORDS] for text in log.split("\0")]
    texts = [set(words) - STOP for words in texts if len(words) >= MIN_WORDS]
    return texts[::max(1, len(texts) // MESSAGES)][:MESSAGES]


def shares(texts):
    counts = collections.Counter(word for text in texts for word in text)
    return {word: count / len(texts) for word, count in counts.items()}


repositories = [shares(messages(path)) for path in sys.argv[1:]]
print(SCALE)
for word in sorted(set().union(*repositories)):
    count = round(SCALE * statistics.median(shares.get(word, 0) for shares in repositories))
    if count >= MIN_COUNT:
        print(word, count)
