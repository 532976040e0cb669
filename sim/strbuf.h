/* strbuf.h - a growing byte string for output, always NUL-terminated. malloc'ed; strbuf_fini frees.
 * Number formatting here is independent of the locale and faster than printf.
 */
#ifndef SIM_STRBUF_H
#define SIM_STRBUF_H

#include "sim/base.h"

struct strbuf {
    char *data; /* never NULL after the first append; use strbuf_str() before that */
    size_t len;
    size_t cap;
};
#define STRBUF_INIT                                                                                                    \
    {                                                                                                                  \
        0                                                                                                              \
    }

void strbuf_fini(struct strbuf *b);
void strbuf_reset(struct strbuf *b); /* empty, memory kept */
const char *strbuf_str(const struct strbuf *b);
void strbuf_add(struct strbuf *b, const void *bytes, size_t n);
void strbuf_puts(struct strbuf *b, const char *s);
void strbuf_putc(struct strbuf *b, char c);
void strbuf_fill(struct strbuf *b, char c, size_t n);
void strbuf_int(struct strbuf *b, int64_t v);
void strbuf_printf(struct strbuf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `s` as a JSON string with quotes; invalid UTF-8 becomes U+FFFD. */
void strbuf_json(struct strbuf *b, const char *s);

/* `s` as Go's %q prints it: quotes, \\n, \\x1b; printable UTF-8 as it is. */
void strbuf_go_quote(struct strbuf *b, const char *s);

/* Decimal seconds: 12.5 s -> "12.5" (no trailing zeros, at least one decimal when `fixed` is 0);
 * `fixed` = 3 always prints three decimals: "12.500". */
void strbuf_seconds(struct strbuf *b, sim_time t, int fixed);

/* Go's time.Duration.String(): "1.5s", "350ms", "1m2.5s", "2h0m0s", "0s". */
void strbuf_go_duration(struct strbuf *b, sim_time d);

/* RFC 3339 UTC "2024-01-02T15:04:05Z" of epoch seconds; with `micro`, "….000000Z". */
void strbuf_rfc3339(struct strbuf *b, int64_t epoch_seconds, int32_t micros, bool micro);

/* "1.5s", "90", "10m", "1h30m", "250ms", "-1s" (Go syntax; a bare number is seconds) to
 * nanoseconds. Returns 0, or -1 on bad syntax or overflow. */
int sim_parse_duration(const char *s, sim_time *ret_duration);

#endif
