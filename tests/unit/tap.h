/* tap.h - the unit tests' harness: each test is a function named after the behaviour it checks.
 *
 *     static void empty_queue_has_no_minimum(void)
 *     {
 *         CHECK_INT(queue_count(&q), 0);
 *         for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
 *             tap_row("%s", rows[i].input);          // named in a failure's message
 *             CHECK_STR(render(rows[i].input), rows[i].want);
 *         }
 *     }
 *     int main(void)
 *     {
 *         static const struct tap_test tests[] = {TAP_TEST(empty_queue_has_no_minimum)};
 *         return tap_run(tests, ARRAY_LEN(tests));
 *     }
 *
 * Output is TAP on standard output; a failed check prints both values and the test goes on, so that
 * one run shows all that is wrong. Each check is also an expression: true when it held.
 * The exit status is 1 when any test failed. Include from one file per executable.
 */
#ifndef TESTS_UNIT_TAP_H
#define TESTS_UNIT_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct tap_test {
    const char *name;
    void (*run)(void);
};
#define TAP_TEST(function) {#function, function}

#define CHECK(fact) tap_check((fact) ? true : false, #fact, __FILE__, __LINE__)
#define CHECK_INT(got, want) tap_int((int64_t)(got), (int64_t)(want), #got, __FILE__, __LINE__)
#define CHECK_UINT(got, want) tap_uint((uint64_t)(got), (uint64_t)(want), #got, __FILE__, __LINE__)
#define CHECK_STR(got, want) tap_str((got), (want), #got, __FILE__, __LINE__)
#define CHECK_CONTAINS(text, part) tap_contains((text), (part), #text, __FILE__, __LINE__)

static int tap_failures;      /* of the test that is running */
static char tap_row_name[200]; /* "" or the table row that is being checked */

/* Names the table row that the following checks are about. */
__attribute__((format(printf, 1, 2), unused)) static void tap_row(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(tap_row_name, sizeof tap_row_name, format, args);
    va_end(args);
}

/* Starts the message of a failed check. Every line is a TAP comment. */
static void tap_fail(const char *what, const char *file, int line)
{
    tap_failures++;
    printf("# %s:%d: %s", file, line, what);
    if (tap_row_name[0])
        printf(" [row: %s]", tap_row_name);
    printf("\n");
}

/* Prints `s` in quotes, keeping each line of the output a comment. */
static void tap_quote(const char *label, const char *s)
{
    printf("#   %s: ", label);
    if (!s) {
        printf("NULL\n");
        return;
    }
    putchar('"');
    for (; *s; s++) {
        if (*s == '\n')
            printf(s[1] ? "\\n\n#         " : "\\n");
        else
            putchar(*s);
    }
    printf("\"\n");
}

__attribute__((unused)) static bool tap_check(bool held, const char *what, const char *file, int line)
{
    if (!held)
        tap_fail(what, file, line);
    return held;
}

__attribute__((unused)) static bool tap_int(int64_t got, int64_t want, const char *what,
                                            const char *file, int line)
{
    if (got == want)
        return true;
    tap_fail(what, file, line);
    printf("#   got:  %" PRId64 "\n#   want: %" PRId64 "\n", got, want);
    return false;
}

__attribute__((unused)) static bool tap_uint(uint64_t got, uint64_t want, const char *what,
                                             const char *file, int line)
{
    if (got == want)
        return true;
    tap_fail(what, file, line);
    printf("#   got:  %" PRIu64 " (0x%" PRIx64 ")\n#   want: %" PRIu64 " (0x%" PRIx64 ")\n", got, got,
           want, want);
    return false;
}

__attribute__((unused)) static bool tap_str(const char *got, const char *want, const char *what,
                                            const char *file, int line)
{
    if (got == want || (got && want && strcmp(got, want) == 0))
        return true;
    tap_fail(what, file, line);
    tap_quote("got", got);
    tap_quote("want", want);
    return false;
}

__attribute__((unused)) static bool tap_contains(const char *text, const char *part, const char *what,
                                                 const char *file, int line)
{
    if (text && strstr(text, part))
        return true;
    tap_fail(what, file, line);
    tap_quote("text", text);
    tap_quote("should contain", part);
    return false;
}

__attribute__((unused)) static int tap_run(const struct tap_test *tests, size_t count)
{
    int failed = 0;
    printf("1..%zu\n", count);
    for (size_t i = 0; i < count; i++) {
        tap_failures = 0;
        tap_row_name[0] = '\0';
        tests[i].run();
        printf("%s %zu - %s\n", tap_failures ? "not ok" : "ok", i + 1, tests[i].name);
        fflush(stdout); /* keep what was said if the next test crashes */
        failed += tap_failures > 0;
    }
    return failed > 0;
}

#endif
