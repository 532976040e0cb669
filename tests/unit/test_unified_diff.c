/* test_unified_diff.c - the common subsequence against the textbook's table, the unified diff by carrying it out. */
#include "report/myers.h"
#include "report/unified_diff.h"
#include "sim/rng.h"
#include "tests/unit/tap.h"

enum { LENGTH_MAX = 400 };

/* Length of the longest common subsequence, by the quadratic table. */
static uint32_t longest(const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count)
{
    static uint32_t table[LENGTH_MAX + 1][LENGTH_MAX + 1];
    for (uint32_t i = 1; i <= a_count; i++) {
        for (uint32_t k = 1; k <= b_count; k++) {
            uint32_t up = table[i - 1][k], left = table[i][k - 1];
            table[i][k] = a[i - 1] == b[k - 1] ? table[i - 1][k - 1] + 1 : up > left ? up : left;
        }
    }
    return table[a_count][b_count];
}

/* How many items are matched; -1 when that is no common subsequence. */
static int64_t matched(struct arena *scratch, const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count)
{
    uint32_t *match = arena_array(scratch, uint32_t, a_count + 1), last = 0;
    int64_t count = 0;
    myers_match(scratch, a, a_count, b, b_count, match);
    for (uint32_t i = 0; i < a_count; i++) {
        if (!match[i])
            continue;
        if (match[i] <= last || match[i] > b_count || b[match[i] - 1] != a[i])
            return -1;
        last = match[i];
        count++;
    }
    arena_reset(scratch);
    return count;
}

/* Writes the digits of `n` in base 3. */
static void digits(uint32_t n, uint32_t *to, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, n /= 3)
        to[i] = n % 3;
}

static void small_sequences_have_their_longest_common_subsequence(void)
{
    static const uint32_t power[] = {1, 3, 9, 27, 81, 243};
    struct arena scratch;
    uint32_t a[5], b[5], wrong = 0;
    arena_init(&scratch, 0);
    for (uint32_t a_count = 0; a_count <= 5; a_count++)
        for (uint32_t b_count = 0; b_count <= 5; b_count++)
            for (uint32_t i = 0; i < power[a_count]; i++)
                for (uint32_t k = 0; k < power[b_count]; k++) {
                    digits(i, a, a_count);
                    digits(k, b, b_count);
                    if (matched(&scratch, a, a_count, b, b_count) != (int64_t)longest(a, a_count, b, b_count))
                        wrong++;
                }
    CHECK_UINT(wrong, 0);
    arena_fini(&scratch);
}

static void random_sequences_have_their_longest_common_subsequence(void)
{
    static uint32_t a[LENGTH_MAX], b[LENGTH_MAX];
    struct arena scratch;
    arena_init(&scratch, 0);
    for (uint32_t seed = 0; seed < 60; seed++) {
        uint64_t counter = 0;
        uint32_t a_count = (uint32_t)rng_below(rng_draw(seed, 0, 0, counter++), 120);
        uint32_t b_count = (uint32_t)rng_below(rng_draw(seed, 0, 0, counter++), 120);
        uint64_t letters = 1 + rng_below(rng_draw(seed, 0, 0, counter++), 30);
        for (uint32_t i = 0; i < a_count; i++)
            a[i] = (uint32_t)rng_below(rng_draw(seed, 0, 0, counter++), letters);
        for (uint32_t i = 0; i < b_count; i++)
            b[i] = (uint32_t)rng_below(rng_draw(seed, 0, 0, counter++), letters);
        tap_row("seed %u", (unsigned)seed);
        CHECK_INT(matched(&scratch, a, a_count, b, b_count), longest(a, a_count, b, b_count));
    }
    arena_fini(&scratch);
}

/* With more edits than are tried, what is found is still a common subsequence, and soon. */
static void long_sequences_with_little_in_common_end(void)
{
    enum { COUNT = 20000 };
    static uint32_t a[COUNT], b[COUNT];
    struct arena scratch;
    arena_init(&scratch, 0);
    for (uint32_t i = 0; i < COUNT; i++) {
        a[i] = i % 7 ? 2 * i : 7 * i + 1;
        b[i] = i % 7 ? 1000003 + 2 * i : 7 * i + 1;
    }
    CHECK(matched(&scratch, a, COUNT, b, COUNT) > COUNT / 7 / 2);
    for (uint32_t i = 0; i < COUNT; i++)
        b[i] = 1000003 + i;
    CHECK_INT(matched(&scratch, a, COUNT, b, COUNT), 0);
    arena_fini(&scratch);
}

static const char *diff_of(const char *from, const char *to, uint32_t context, uint32_t lines_max)
{
    static struct strbuf out = STRBUF_INIT;
    struct unified_options o = {.from = "a", .to = "b", .context = context, .lines_max = lines_max};
    strbuf_reset(&out);
    unified_diff(from, strlen(from), to, strlen(to), &o, &out);
    return strbuf_str(&out);
}

static void diffs_are_those_of_diff_u(void)
{
    static const struct {
        const char *name, *from, *to;
        uint32_t context, lines_max;
        const char *want;
    } rows[] = {
        {"equal", "a\nb\n", "a\nb\n", 3, 0, ""},
        {"both empty", "", "", 3, 0, ""},
        {"from nothing", "", "a\n", 3, 0, "--- a\n+++ b\n@@ -0,0 +1 @@\n+a\n"},
        {"to nothing", "a\nb\n", "", 3, 0, "--- a\n+++ b\n@@ -1,2 +0,0 @@\n-a\n-b\n"},
        {"one line", "a\nb\nc\n", "a\nx\nc\n", 3, 0, "--- a\n+++ b\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
        {"an empty line", "a\n\nb\n", "a\nb\n", 3, 0, "--- a\n+++ b\n@@ -1,3 +1,2 @@\n a\n-\n b\n"},
        {"no newline in one", "a\nb", "a\nb\n", 3, 0,
         "--- a\n+++ b\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
        {"no newline in both", "a\nb", "x\nb", 3, 0,
         "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n"},
        {"two hunks", "1\n2\n3\n4\n5\n", "x\n2\n3\n4\ny\n", 1, 0,
         "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-1\n+x\n 2\n@@ -4,2 +4,2 @@\n 4\n-5\n+y\n"},
        {"hunks that meet are one", "1\n2\n3\n4\n", "x\n2\n3\ny\n", 1, 0,
         "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n-4\n+y\n"},
        {"without context", "1\n2\n3\n", "1\n3\n", 0, 0, "--- a\n+++ b\n@@ -2 +1,0 @@\n-2\n"},
        {"cut", "1\n2\n3\n", "x\ny\nz\n", 3, 4, "--- a\n+++ b\n@@ -1,3 +1,3 @@\n-1\n-2\n-3\n+x\n... 2 more lines\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].name);
        CHECK_STR(diff_of(rows[i].from, rows[i].to, rows[i].context, rows[i].lines_max), rows[i].want);
    }
}

/* Random lines, a line end at the end or not. */
static void random_text(uint64_t seed, uint32_t stream, struct strbuf *out)
{
    uint64_t counter = 0, lines = rng_below(rng_draw(seed, stream, 0, counter++), 30);
    for (uint64_t i = 0; i < lines; i++)
        strbuf_printf(out, "%c\n", "abcdef"[rng_below(rng_draw(seed, stream, 0, counter++), 6)]);
    if (out->len && rng_below(rng_draw(seed, stream, 0, counter++), 4) == 0)
        out->data[--out->len] = '\0';
}

/* What `patch` makes of `from` and a diff with all lines as context. */
static void patched(const char *diff, struct strbuf *out)
{
    uint32_t line = 0;
    for (const char *p = diff; *p; line++) {
        size_t n = strcspn(p, "\n") + 1;
        if (line >= 3 && (*p == ' ' || *p == '+')) {
            bool open = p[n] == '\\';
            strbuf_add(out, p + 1, n - 1 - open);
        }
        p += n;
    }
}

static void a_diff_carried_out_gives_the_other_text(void)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct strbuf from = STRBUF_INIT, to = STRBUF_INIT, got = STRBUF_INIT;
        random_text(seed, 1, &from);
        random_text(seed, 2, &to);
        const char *diff = diff_of(strbuf_str(&from), strbuf_str(&to), 1000, 0);
        tap_row("seed %d", (int)seed);
        if (strcmp(strbuf_str(&from), strbuf_str(&to)) != 0) {
            patched(diff, &got);
            CHECK_STR(strbuf_str(&got), strbuf_str(&to));
        }
        strbuf_fini(&from);
        strbuf_fini(&to);
        strbuf_fini(&got);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(small_sequences_have_their_longest_common_subsequence),
        TAP_TEST(random_sequences_have_their_longest_common_subsequence),
        TAP_TEST(long_sequences_with_little_in_common_end),
        TAP_TEST(diffs_are_those_of_diff_u),
        TAP_TEST(a_diff_carried_out_gives_the_other_text),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
