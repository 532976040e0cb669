/* programs_sort.c - sort, tac, shuf. Keys as POSIX and busybox (coreutils/sort.c) have them: -k
 * F[.C][OPTS][,F[.C][OPTS]], equal keys fall back to the whole line unless -s. busybox -u keeps the first of the sorted
 * lines, GNU the first of the input. Left out: -S, -T, --parallel (accepted), -R.
 */
#include <string.h>

#include "model/programs.h"
#include "model/shell.h"

enum { SORT_KEYS = 8 };
enum sort_flag {
    SORT_NUMERIC = 1,
    SORT_REVERSE = 2,
    SORT_FOLD = 4,
    SORT_BLANKS = 8,
    SORT_DICTIONARY = 16,
    SORT_PRINTABLE = 32,
    SORT_MONTH = 64,
    SORT_HUMAN = 128,
    SORT_VERSION = 256,
};
struct sort_key {
    int64_t from, from_char, to, to_char; /* from 1; to 0 = the line's end */
    uint32_t flags;
};
struct sort_data {
    struct input in;
    bool begun, unique, tac, stable, check, nul, shuf;
    uint32_t flags, key_count;
    struct sort_key keys[SORT_KEYS];
    char separator;
    const char *output;
    char **lines;
    uint32_t count, cap;
    int64_t shuf_max;
};

/* ---- options ---- */

static uint32_t flag_of(char letter)
{
    static const struct {
        char letter;
        uint32_t flag;
    } flags[] = {{'n', SORT_NUMERIC}, {'g', SORT_NUMERIC},    {'r', SORT_REVERSE},   {'f', SORT_FOLD},
                 {'b', SORT_BLANKS},  {'d', SORT_DICTIONARY}, {'i', SORT_PRINTABLE}, {'M', SORT_MONTH},
                 {'h', SORT_HUMAN},   {'V', SORT_VERSION}};
    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        if (flags[i].letter == letter)
            return flags[i].flag;
    return 0;
}

static int64_t key_number(const char **s)
{
    int64_t n = 0;
    for (; sh_is_digit(**s) && n < 100000; (*s)++)
        n = n * 10 + (**s - '0');
    return n;
}

/* "2", "2,2n", "1.3,1.5" */
static bool parse_key(struct sort_data *d, const char *s)
{
    if (d->key_count == SORT_KEYS)
        return false;
    struct sort_key *k = &d->keys[d->key_count++];
    k->from = key_number(&s);
    if (*s == '.') {
        s++;
        k->from_char = key_number(&s);
    }
    for (; flag_of(*s); s++)
        k->flags |= flag_of(*s);
    if (*s == ',') {
        s++;
        k->to = key_number(&s);
        if (*s == '.') {
            s++;
            k->to_char = key_number(&s);
        }
        for (; flag_of(*s); s++)
            k->flags |= flag_of(*s);
    }
    return !*s && k->from > 0;
}

static int sort_begin(struct cri *c, struct proc *p, struct sort_data *d)
{
    static const struct long_option longs[] = {{"reverse", 'r'},         {"numeric-sort", 'n'},
                                               {"unique", 'u'},          {"key", 'k'},
                                               {"field-separator", 't'}, {"human-numeric-sort", 'h'},
                                               {"version-sort", 'V'},    {"ignore-case", 'f'},
                                               {"stable", 's'},          {"output", 'o'},
                                               {"check", 'c'},           {"zero-terminated", 'z'},
                                               {"parallel", 'S'},        {NULL, 0}};
    struct options o = {.p = p};
    d->begun = true;
    d->tac = strcmp(p->program->name, "tac") == 0;
    d->in.plain = true;
    d->in.gnu_prefix = d->tac ? NULL : "cannot read: ";
    for (int letter; (letter = option_get(c, &o, d->tac ? "s:rb" : "nrugMcszbdfihVmk:t:o:S:T:", longs));) {
        if (letter == '?')
            return is_gnu(p) ? 2 : 1;
        if (d->tac)
            continue;
        d->flags |= flag_of((char)letter);
        d->unique |= letter == 'u';
        d->stable |= letter == 's';
        d->check |= letter == 'c';
        d->in.nul |= letter == 'z';
        if (letter == 'o')
            d->output = o.value;
        if (letter == 't')
            d->separator = strcmp(o.value, "\\0") == 0 ? '\0' : o.value[0];
        if (letter == 'k' && !parse_key(d, o.value)) {
            err_printf(c, p,
                       is_gnu(p) ? "invalid number at field start: invalid count at start of '%s'"
                                 : "bad field specification: '%s'",
                       o.value);
            return is_gnu(p) ? 2 : 1;
        }
    }
    d->in.next = o.next;
    return 0;
}

/* ---- comparison ---- */

static bool is_blank(char ch) { return ch == ' ' || ch == '\t'; }

/* Where field n begins; with `end`: where it ends. Without -t a field has the blanks before it. */
static size_t field_at(const struct sort_data *d, const char *line, int64_t n, bool end)
{
    size_t at = 0;
    for (int64_t k = 1; k < n + end && line[at]; k++) {
        if (d->separator) {
            at += strcspn(line + at, (char[]){d->separator, '\0'});
            if (k < n + end - 1 || !end)
                at += line[at] != '\0';
            else
                return at;
        } else {
            at += strspn(line + at, " \t");
            while (line[at] && !is_blank(line[at]))
                at++;
        }
    }
    return at;
}

static size_t key_range(const struct sort_data *d, const struct sort_key *k, uint32_t flags, const char *line,
                        size_t *ret_end)
{
    size_t n = strlen(line), from = field_at(d, line, k->from, false), to = n;
    if (flags & SORT_BLANKS)
        from += strspn(line + from, " \t");
    if (k->from_char > 1)
        from = from + (size_t)k->from_char - 1 > n ? n : from + (size_t)k->from_char - 1;
    if (k->to && k->to_char) {
        to = field_at(d, line, k->to, false) + (size_t)k->to_char;
    } else if (k->to) {
        to = field_at(d, line, k->to, true);
    }
    *ret_end = to > n ? n : to < from ? from : to;
    return from;
}

/* Decimal numbers of any length: -1, 0, 1. */
static int compare_numbers(const char *a, const char *b)
{
    a += strspn(a, " \t");
    b += strspn(b, " \t");
    bool na = *a == '-', nb = *b == '-';
    a += na;
    b += nb;
    a += strspn(a, "0");
    b += strspn(b, "0");
    size_t la = strspn(a, "0123456789"), lb = strspn(b, "0123456789");
    int order = la != lb ? (la < lb ? -1 : 1) : strncmp(a, b, la);
    const char *fa = a[la] == '.' ? a + la + 1 : "", *fb = b[lb] == '.' ? b + lb + 1 : "";
    for (bool zero_a = false, zero_b = false; !order && !(zero_a && zero_b);) {
        char da = sh_is_digit(*fa) ? *fa++ : '0', db = sh_is_digit(*fb) ? *fb++ : '0';
        zero_a = !sh_is_digit(*fa);
        zero_b = !sh_is_digit(*fb);
        order = da - db;
    }
    bool zero = !la && !lb && !order;
    if (na != nb && !zero)
        return na ? -1 : 1;
    order = order < 0 ? -1 : order > 0;
    return na ? -order : order;
}

static int64_t month_of(const char *s)
{
    static const char months[] = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
    s += strspn(s, " \t");
    for (int i = 0; i < 12; i++) {
        int k = 0;
        while (k < 3 && (s[k] & ~0x20) == months[3 * i + k])
            k++;
        if (k == 3)
            return i + 1;
    }
    return 0;
}

static int compare_human(const char *a, const char *b)
{
    static const char units[] = " KMGTPEZY";
    const char *texts[2] = {a, b};
    int64_t unit[2];
    for (int i = 0; i < 2; i++) {
        const char *s = texts[i] + strspn(texts[i], " \t-0123456789.");
        char ch = *s == 'k' ? 'K' : *s;
        const char *at = ch ? strchr(units, ch) : NULL;
        unit[i] = at ? at - units : 0;
    }
    return unit[0] != unit[1] ? (unit[0] < unit[1] ? -1 : 1) : compare_numbers(a, b);
}

static int compare_versions(const char *a, const char *b)
{
    while (*a && *b) {
        if (sh_is_digit(*a) && sh_is_digit(*b)) {
            a += strspn(a, "0");
            b += strspn(b, "0");
            size_t la = strspn(a, "0123456789"), lb = strspn(b, "0123456789");
            int order = la != lb ? (la < lb ? -1 : 1) : strncmp(a, b, la);
            if (order)
                return order;
            a += la;
            b += lb;
        } else if (*a != *b) {
            return *a == '~' ? -1 : *b == '~' ? 1 : (unsigned char)*a - (unsigned char)*b;
        } else {
            a++;
            b++;
        }
    }
    return (unsigned char)*a - (unsigned char)*b;
}

static bool skipped(char ch, uint32_t flags)
{
    bool alnum = sh_is_name_char(ch) && ch != '_';
    return ((flags & SORT_DICTIONARY) && !alnum && !is_blank(ch)) ||
           ((flags & SORT_PRINTABLE) && (ch < ' ' || ch > '~'));
}

static int compare_text(const char *a, const char *b, uint32_t flags)
{
    if (flags & SORT_BLANKS) {
        a += strspn(a, " \t");
        b += strspn(b, " \t");
    }
    for (;;) {
        while (*a && skipped(*a, flags))
            a++;
        while (*b && skipped(*b, flags))
            b++;
        unsigned char x = (unsigned char)*a, y = (unsigned char)*b;
        if (flags & SORT_FOLD) {
            x = x >= 'a' && x <= 'z' ? (unsigned char)(x - 'a' + 'A') : x;
            y = y >= 'a' && y <= 'z' ? (unsigned char)(y - 'a' + 'A') : y;
        }
        if (x != y || !x)
            return x < y ? -1 : x > y;
        a++;
        b++;
    }
}

static int compare_key(const char *a, const char *b, uint32_t flags)
{
    int order = flags & SORT_NUMERIC   ? compare_numbers(a, b)
                : flags & SORT_HUMAN   ? compare_human(a, b)
                : flags & SORT_VERSION ? compare_versions(a, b)
                : flags & SORT_MONTH   ? (int)(month_of(a) - month_of(b))
                                       : compare_text(a, b, flags);
    return flags & SORT_REVERSE ? -order : order;
}

/* The key's text as a string of its own: cut off for as long as it is compared. */
static int compare_part(const struct sort_data *d, const struct sort_key *k, uint32_t flags, char *a, char *b)
{
    size_t end_a, end_b, from_a = key_range(d, k, flags, a, &end_a), from_b = key_range(d, k, flags, b, &end_b);
    char keep_a = a[end_a], keep_b = b[end_b];
    a[end_a] = '\0';
    if (a != b)
        b[end_b] = '\0';
    int order = compare_key(a + from_a, b + from_b, flags);
    if (a != b)
        b[end_b] = keep_b;
    a[end_a] = keep_a;
    return order;
}

static int sort_compare(const struct sort_data *d, char *a, char *b, bool last_resort)
{
    int order = d->key_count ? 0 : compare_key(a, b, d->flags);
    for (uint32_t i = 0; i < d->key_count && !order; i++) {
        uint32_t flags = d->keys[i].flags ? d->keys[i].flags : d->flags;
        order = compare_part(d, &d->keys[i], flags, a, b);
    }
    if (order || !last_resort)
        return order;
    order = strcmp(a, b);
    return d->flags & SORT_REVERSE ? -order : order;
}

/* Merge sort: stable, so equal keys stay in order of input. */
static void merge_sort(const struct sort_data *d, char **v, char **scratch, uint32_t n, bool last_resort)
{
    if (n < 2)
        return;
    uint32_t half = n / 2, i = 0, k = half, out = 0;
    merge_sort(d, v, scratch, half, last_resort);
    merge_sort(d, v + half, scratch, n - half, last_resort);
    while (i < half && k < n)
        scratch[out++] = sort_compare(d, v[i], v[k], last_resort) <= 0 ? v[i++] : v[k++];
    while (i < half)
        scratch[out++] = v[i++];
    while (k < n)
        scratch[out++] = v[k++];
    memcpy(v, scratch, sizeof *v * n);
}

/* ---- input and output ---- */

static int sort_check(struct cri *c, struct proc *p, const struct sort_data *d)
{
    for (uint32_t i = 1; i < d->count; i++) {
        int order = sort_compare(d, d->lines[i - 1], d->lines[i], !d->stable && !d->unique);
        if (order < 0 || (order == 0 && !d->unique))
            continue;
        if (is_gnu(p))
            err_printf(c, p, "-:%u: disorder: %s", (unsigned)i + 1, d->lines[i]);
        else
            out_printf(c, p, 2, "Check line %u\n", (unsigned)i);
        return 1;
    }
    return 0;
}

/* Every order is as likely; the same in each run. */
static void shuffle(struct cri *c, struct proc *p, struct sort_data *d)
{
    uint64_t x = (uint64_t)proc_now(c) * 6364136223846793005u + (uint64_t)p->pid * 1442695040888963407u + 1;
    world_looked_beyond(c);
    for (uint32_t i = d->count; i > 1; i--) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        uint32_t k = (uint32_t)(x >> 33) % i;
        char *keep = d->lines[i - 1];
        d->lines[i - 1] = d->lines[k];
        d->lines[k] = keep;
    }
    if (d->shuf_max < (int64_t)d->count)
        d->count = (uint32_t)d->shuf_max;
}

static int sort_output(struct cri *c, struct proc *p, struct sort_data *d)
{
    struct mem_buf out = {0};
    char end = d->in.nul ? '\0' : '\n';
    enum vfs_error e;
    struct ofile *to =
        d->output ? file_open(c, p, d->output, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, &e) : ofile_ref(p->fds[1]);
    if (!to && d->output) {
        err_printf(c, p, is_gnu(p) ? "open failed: %s: %s" : "can't open '%s': %s", d->output, vfs_error_text(e));
        return 2;
    }
    for (uint32_t i = 0; i < d->count; i++) {
        char *line = d->lines[d->tac ? d->count - 1 - i : i];
        if (d->unique && i && sort_compare(d, d->lines[i - 1], line, false) == 0)
            continue;
        buf_puts(&c->mem, &p->mem, &out, line);
        buf_putc(&c->mem, &p->mem, &out, end);
    }
    if (to && out.len)
        ofile_write(c, p, to, out.data, out.len);
    ofile_unref(c, to);
    return d->in.errors > 0;
}

static enum step sort_finish(struct cri *c, struct proc *p, struct sort_data *d)
{
    if (d->check)
        return proc_exit_with(p, sort_check(c, p, d));
    if (d->in.errors && !d->tac) /* nothing is sorted then */
        return proc_exit_with(p, 2);
    if (d->shuf) {
        shuffle(c, p, d);
    } else if (!d->tac) {
        char **scratch = proc_alloc(c, p, sizeof(char *) * (d->count + 1));
        merge_sort(d, d->lines, scratch, d->count, !d->stable && !(d->unique && is_gnu(p)));
    }
    return proc_exit_with(p, sort_output(c, p, d));
}

static void add_line(struct cri *c, struct proc *p, struct sort_data *d, const char *line)
{
    if (d->count == d->cap) {
        d->cap = d->cap ? d->cap * 2 : 64;
        d->lines = mem_grow(&c->mem, &p->mem, d->lines, sizeof(char *) * d->cap);
    }
    d->lines[d->count++] = proc_strdup(c, p, line);
}

static enum step sort_step(struct cri *c, struct proc *p)
{
    enum { LINES_MAX = 200000 };
    struct sort_data *d = p->data;
    if (!d->begun) {
        int wrong = sort_begin(c, p, d);
        if (wrong)
            return proc_exit_with(p, wrong);
    }
    for (int budget = 0; budget < 256; budget++) {
        bool newline;
        enum input_result r = input_line(c, p, &d->in, &newline);
        if (r == INPUT_BLOCKED)
            return STEP_BLOCK;
        if (r == INPUT_END)
            return sort_finish(c, p, d);
        add_line(c, p, d, buf_str(&d->in.line));
        d->in.line.len = 0;
        if (d->count > LINES_MAX) {
            err_printf(c, p, "out of memory");
            return proc_exit_with(p, 1);
        }
    }
    return STEP_AGAIN;
}

/* ---- shuf ---- */

static enum step shuf_step(struct cri *c, struct proc *p)
{
    struct sort_data *d = p->data;
    struct options o = {.p = p};
    bool echo = false;
    int64_t from = 0, to = -1;
    if (d->begun)
        return sort_step(c, p);
    d->begun = d->shuf = true;
    d->shuf_max = INT64_MAX;
    for (int letter; (letter = option_get(c, &o, "ei:n:o:zr", NULL));) {
        if (letter == '?')
            return proc_exit_with(p, 1);
        echo |= letter == 'e';
        if (letter == 'n')
            parse_int64(o.value, &d->shuf_max);
        if (letter == 'o')
            d->output = o.value;
        const char *dash = letter == 'i' ? strchr(o.value, '-') : NULL;
        if (letter == 'i' &&
            (!dash || !parse_int64(mem_strndup(&c->mem, &p->mem, o.value, (size_t)(dash - o.value)), &from) ||
             !parse_int64(dash + 1, &to) || to - from > 100000)) {
            err_printf(c, p, "bad range '%s'", o.value);
            return proc_exit_with(p, 1);
        }
    }
    d->in.next = o.next;
    for (int64_t i = from; i <= to; i++)
        add_line(c, p, d, proc_printf(c, p, "%lld", (long long)i));
    for (int i = o.next; echo && i < p->argc; i++)
        add_line(c, p, d, p->argv[i]);
    return echo || to >= from ? sort_finish(c, p, d) : STEP_AGAIN;
}

static const struct program program_sort = {.name = "sort", .step = sort_step, .data_bytes = sizeof(struct sort_data)},
                            program_tac = {.name = "tac", .step = sort_step, .data_bytes = sizeof(struct sort_data)},
                            program_shuf = {.name = "shuf", .step = shuf_step, .data_bytes = sizeof(struct sort_data)};

const struct applet sort_applets[] = {
    {"expr", &command_expr.program, IMAGE_SHELLS},
    {"shuf", &program_shuf, IMAGE_SHELLS},
    {"sort", &program_sort, IMAGE_SHELLS},
    {"tac", &program_tac, IMAGE_SHELLS},
    {NULL, NULL, 0},
};
