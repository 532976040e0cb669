/* golden_diff_rows.c - what `podsim run -o FORMAT` prints, read back into rows.
 *
 * Nothing is rejected: a line that cannot be read is a row that says just that. In `wide` and `jsonl`, dates, uids and
 * resourceVersions are left out of what rows say: they follow from times and from what was written before.
 */
#include "report/golden_diff_private.h"

#include <string.h>

#include "model/printer.h"

struct reader {
    struct arena *arena;
    const struct format *format;
    struct golden_rows *rows;
    uint32_t starts[GOLDEN_CELLS]; /* where columns begin in a line, in characters; of formats with a header */
    bool namespaces;               /* get-pods has that column */
    sim_time at;                   /* transcript: the time that was printed last */
    const char *command;           /* ... and the command */
    struct strbuf block;           /* lines below the row at hand */
    struct strbuf scratch;
};

struct format {
    struct golden_column columns[GOLDEN_CELLS];
    const char *titles[GOLDEN_CELLS]; /* of the header; none: the format has none */
    uint32_t block;                   /* the column that the lines below a row are in */
    void (*read_row)(struct reader *r, const char *line, struct golden_row *row);
    bool (*passes_over)(struct reader *r, const char *line); /* lines that are no rows; NULL = there are none */
};

static void read_timeline(struct reader *r, const char *line, struct golden_row *row);
static void read_get_pods(struct reader *r, const char *line, struct golden_row *row);
static void read_events(struct reader *r, const char *line, struct golden_row *row);
static void read_logs(struct reader *r, const char *line, struct golden_row *row);
static void read_wide(struct reader *r, const char *line, struct golden_row *row);
static void read_jsonl(struct reader *r, const char *line, struct golden_row *row);
static void read_transcript(struct reader *r, const char *line, struct golden_row *row);
static bool passes_over_times(struct reader *r, const char *line);

static const struct format formats[REPORT_FORMAT_COUNT] = {
    [REPORT_TIMELINE] =
        {{{"time", ROLE_TIME}, {NULL, ROLE_OBJECT}, {NULL, ROLE_WHAT}, {"why", ROLE_TEXT}, {"output", ROLE_TEXT}},
         {"TIME", "OBJECT", "WHAT", "WHY"},
         4,
         read_timeline,
         NULL},
    [REPORT_GET_PODS] = {{{"time", ROLE_TIME},
                          {NULL, ROLE_OBJECT},
                          {"ready", ROLE_WHAT},
                          {"status", ROLE_WHAT},
                          {"restarts", ROLE_WHAT},
                          {"ago", ROLE_AGE},
                          {"age", ROLE_AGE}},
                         {"TIME", "NAME", "READY", "STATUS", "RESTARTS", "AGE"},
                         0,
                         read_get_pods,
                         NULL},
    [REPORT_EVENTS] = {{{"time", ROLE_TIME},
                        {"type", ROLE_WHAT},
                        {"reason", ROLE_WHAT},
                        {NULL, ROLE_OBJECT},
                        {"count", ROLE_AGE},
                        {"from", ROLE_TEXT},
                        {"message", ROLE_WHAT}},
                       {"TIME", "TYPE", "REASON", "OBJECT", "COUNT", "FROM", "MESSAGE"},
                       0,
                       read_events,
                       NULL},
    [REPORT_LOGS] = {{{"time", ROLE_TIME}, {NULL, ROLE_OBJECT}, {NULL, ROLE_WHAT}}, {NULL}, 0, read_logs, NULL},
    [REPORT_WIDE] = {{{"record", ROLE_SERIAL},
                      {"time", ROLE_TIME},
                      {"cause", ROLE_SERIAL},
                      {"who", ROLE_WHAT},
                      {NULL, ROLE_OBJECT},
                      {NULL, ROLE_WHAT},
                      {"changes", ROLE_TEXT}},
                     {"RECORD", "TIME", "CAUSE", "WHO", "OBJECT", "WHAT"},
                     6,
                     read_wide,
                     NULL},
    [REPORT_TRANSCRIPT] =
        {{{"time", ROLE_TIME}, {NULL, ROLE_OBJECT}, {NULL, ROLE_WHAT}}, {NULL}, 0, read_transcript, passes_over_times},
    [REPORT_JSONL] = {{{"n", ROLE_SERIAL},
                       {"t", ROLE_TIME},
                       {"cause", ROLE_SERIAL},
                       {"by", ROLE_WHAT},
                       {NULL, ROLE_OBJECT},
                       {NULL, ROLE_WHAT},
                       {NULL, ROLE_WHAT}},
                      {NULL},
                      0,
                      read_jsonl,
                      NULL},
};

const struct golden_column *golden_columns(enum report_format format)
{
    return formats[format].read_row ? formats[format].columns : NULL;
}

bool golden_format_is(enum report_format format) { return formats[format].read_row != NULL; }

/* ---- pieces of lines ---- */

static const char *skip_blanks(const char *p) { return p + strspn(p, " "); }

/* Past `count` characters, or at the end. */
static const char *skip_characters(const char *p, uint32_t count)
{
    for (; *p && count; count--)
        for (p++; ((unsigned char)*p & 0xc0) == 0x80; p++)
            ;
    return p;
}

/* The text up to `end`, without the blanks around it. */
static const char *cut(struct reader *r, const char *from, const char *end)
{
    ASSERT(from <= end);
    while (from < end && *from == ' ')
        from++;
    while (end > from && end[-1] == ' ')
        end--;
    return arena_strndup(r->arena, from, (size_t)(end - from));
}

/* Two blanks in a row, or the end. */
static const char *find_gap(const char *p)
{
    const char *gap = strstr(p, "  ");
    return gap ? gap : p + strlen(p);
}

/* The "12.500s" that a line begins with, right-aligned to ten characters or longer. Returns what follows, or NULL. */
static const char *read_time(const char *line, sim_time *ret_at)
{
    enum { WIDTH = 10, LONGEST = 24 };
    char text[LONGEST];
    const char *p = skip_blanks(line);
    size_t n = strcspn(p, " ");
    if (p - line >= WIDTH || n < sizeof "0.000s" - 1 || n >= LONGEST || p[n - 1] != 's' || p[n - 5] != '.')
        return NULL;
    memcpy(text, p, n);
    text[n] = '\0';
    return sim_parse_duration(text, ret_at) == 0 ? p + n : NULL;
}

/* A number of a record, or "-". NULL when there is neither. */
static const char *read_serial(struct reader *r, const char *p, const char **ret)
{
    p = skip_blanks(p);
    size_t n = *p == '-' ? 1 : strspn(p, "0123456789");
    *ret = arena_strndup(r->arena, p, n);
    return n && p[n] == ' ' ? p + n : NULL;
}

/* ---- the formats ---- */

/* "nothing more happens after 10.11s; 1 pod": the time is the row's. */
static void read_end(struct reader *r, const char *line, struct golden_row *row)
{
    static const struct {
        const char *before;
        size_t kept; /* bytes of it that say something */
    } times[] = {{" after ", 0}, {"simulated ", sizeof "simulated" - 1}};
    enum { LONGEST = 32 };
    char text[LONGEST];
    row->object = "end";
    row->cells[2] = cut(r, line, line + strlen(line));
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        const char *before = strstr(line, times[i].before), *at = before ? before + strlen(times[i].before) : "";
        size_t n = strcspn(at, "; ,");
        if (n == 0 || n >= sizeof text)
            continue;
        memcpy(text, at, n);
        text[n] = '\0';
        if (sim_parse_duration(text, &row->at) < 0)
            continue;
        row->cells[2] = arena_printf(r->arena, "%.*s%s", (int)(before + times[i].kept - line), line, at + n);
        return;
    }
}

/* A WHAT that is too long for its column pushes its WHY to the right. */
static void read_timeline(struct reader *r, const char *line, struct golden_row *row)
{
    enum { TIME_WIDTH = 10 };
    const char *rest = read_time(line, &row->at);
    if (!rest) {
        if (strncmp(line, "end: ", 5) == 0)
            read_end(r, line + 5, row);
        else
            row->cells[2] = cut(r, line, line + strlen(line));
        return;
    }
    uint32_t used = (uint32_t)(rest - line), wider = used > TIME_WIDTH ? used - TIME_WIDTH : 0;
    const char *object = skip_blanks(rest), *what = skip_characters(line, r->starts[2] + wider);
    if (!r->starts[2])
        what = skip_blanks(find_gap(object));
    if (*object == '$' || strncmp(object, "fault: ", 7) == 0 || what <= object || what[-1] != ' ') {
        row->cells[2] = cut(r, object, object + strlen(object)); /* an action: over all columns */
        return;
    }
    row->object = cut(r, object, what);
    const char *why = skip_characters(line, r->starts[3] + wider);
    if (!r->starts[3] || why <= what)
        why = r->starts[2] ? what + strlen(what) : find_gap(what);
    else if (*why && (why[-1] != ' ' || why[-2] != ' '))
        why = find_gap(why);
    row->cells[2] = cut(r, what, why);
    row->cells[3] = cut(r, why, why + strlen(why));
}

/* Cells are three blanks apart, and none is empty; a STATUS may be wider than its column. */
static void read_get_pods(struct reader *r, const char *line, struct golden_row *row)
{
    const char *p = read_time(line, &row->at), *cells[6] = {"", "", "", "", "", ""};
    p = skip_blanks(p ? p : line);
    for (size_t i = r->namespaces ? 0 : 1; *p && i < ARRAY_LEN(cells); i++) {
        const char *end = find_gap(p);
        cells[i] = cut(r, p, end);
        p = skip_blanks(end);
    }
    row->object = *cells[0] ? arena_printf(r->arena, "pod/%s (%s)", cells[1], cells[0])
                            : arena_printf(r->arena, "pod/%s", cells[1]);
    const char *ago = strstr(cells[4], " (");
    row->cells[2] = cells[2];
    row->cells[3] = cells[3];
    row->cells[4] = ago ? arena_strndup(r->arena, cells[4], (size_t)(ago - cells[4])) : cells[4];
    row->cells[5] = ago ? ago + 1 : "";
    row->cells[6] = cells[5];
}

static void read_events(struct reader *r, const char *line, struct golden_row *row)
{
    const char *rest = read_time(line, &row->at);
    if (!rest || !r->starts[1]) {
        row->cells[6] = cut(r, rest ? rest : line, line + strlen(line));
        return;
    }
    for (uint32_t i = 1; i < GOLDEN_CELLS; i++) {
        const char *from = skip_characters(line, r->starts[i]);
        const char *end = i + 1 < GOLDEN_CELLS ? skip_characters(line, r->starts[i + 1]) : from + strlen(from);
        row->cells[i] = cut(r, from, end);
    }
    row->object = row->cells[3];
    row->cells[3] = "";
}

static void read_logs(struct reader *r, const char *line, struct golden_row *row)
{
    const char *rest = read_time(line, &row->at);
    if (!rest) {
        row->cells[2] = cut(r, line, line + strlen(line));
        return;
    }
    const char *object = skip_blanks(rest), *end = find_gap(object);
    row->object = cut(r, object, end);
    row->cells[2] = cut(r, end, end + strlen(end));
}

/* "# 30.000s": the time of what follows, and blanks before it. */
static bool passes_over_times(struct reader *r, const char *line)
{
    bool is_time = strncmp(line, "# ", 2) == 0 && read_time(line + 2, &r->at);
    return is_time || !*line;
}

/* A command is an action; what it has printed is about it. */
static void read_transcript(struct reader *r, const char *line, struct golden_row *row)
{
    static const char of[] = "# of: ";
    row->at = r->at;
    row->cells[2] = cut(r, line, line + strlen(line));
    if (*line == '$')
        r->command = row->cells[2];
    else if (strncmp(line, of, sizeof of - 1) == 0)
        r->command = arena_printf(r->arena, "$ %s", line + sizeof of - 1);
    else if (strncmp(line, "# fault: ", 9) != 0)
        row->object = r->command;
}

/* ---- texts of records: what follows from other records is left out ---- */

/* Does `p` look like the pattern: 0 = a digit, x = a hexadecimal one, other characters themselves? */
static bool looks_like(const char *p, const char *pattern)
{
    for (; *pattern; p++, pattern++) {
        bool digit = *p >= '0' && *p <= '9', hex = digit || (*p >= 'a' && *p <= 'f');
        if (*pattern == '0' ? !digit : *pattern == 'x' ? !hex : *p != *pattern)
            return false;
    }
    return true;
}

/* The numbers after "resourceVersion", of one version or of two: `":9`, `","from":"8","to":"9`, ` 9`, `: 8 -> 9`. */
static const char *mask_versions(struct strbuf *out, const char *p)
{
    for (;;) {
        size_t digits = strspn(p, "0123456789"), between = strspn(p, " \":,->");
        size_t word = strncmp(p, "from\"", 5) == 0 ? 4 : strncmp(p, "to\"", 3) == 0 ? 2 : 0;
        if (digits)
            strbuf_putc(out, '#');
        else
            strbuf_add(out, p, between + word);
        if (digits + between + word == 0)
            return p;
        p += digits ? digits : between + word;
    }
}

static const char *masked(struct reader *r, const char *p, const char *end)
{
    static const struct {
        const char *pattern, *instead;
    } masks[] = {
        {"0000-00-00T00:00:00", "DATE"},
        {"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "UID"},
        {".xxxxxxxxxxxxxxxx", ".#"}, /* the name of an Event ends in its time */
    };
    static const char version[] = "resourceVersion";
    struct strbuf *b = &r->scratch;
    const char *text = cut(r, p, end);
    strbuf_reset(b);
    for (p = text; *p;) {
        size_t i = 0;
        while (i < ARRAY_LEN(masks) && !looks_like(p, masks[i].pattern))
            i++;
        if (i < ARRAY_LEN(masks)) {
            strbuf_puts(b, masks[i].instead);
            p += strlen(masks[i].pattern);
            p += i == 0 ? strspn(p, ".0123456789Z") : 0;
        } else if (strncmp(p, version, sizeof version - 1) == 0) {
            strbuf_puts(b, version);
            p = mask_versions(b, p + sizeof version - 1);
        } else {
            strbuf_putc(b, *p++);
        }
    }
    return arena_strndup(r->arena, strbuf_str(b), b->len);
}

static void read_wide(struct reader *r, const char *line, struct golden_row *row)
{
    enum { WHO_WIDTH = 24 };
    const char *record, *cause = NULL, *end = line + strlen(line);
    const char *p = read_serial(r, line, &record);
    p = p ? read_time(p + 1, &row->at) : NULL;
    p = p ? read_serial(r, p, &cause) : NULL;
    if (!p || strncmp(p, "  ", 2) != 0) {
        row->at = SIM_NEVER;
        row->cells[5] = masked(r, line, end);
        return;
    }
    const char *who = p + 2, *object = skip_characters(who, WHO_WIDTH), *gap = find_gap(skip_blanks(object));
    row->cells[0] = record;
    row->cells[2] = cause;
    row->cells[3] = cut(r, who, object);
    row->object = masked(r, object, gap);
    row->cells[5] = masked(r, gap, end);
}

/* ---- jsonl ---- */

/* Past the JSON value at `p`; any text is passed over somehow. */
static const char *skip_value(const char *p)
{
    uint32_t depth = 0;
    for (; *p; p++) {
        if (*p == '"') {
            for (p++; *p && *p != '"'; p++)
                if (*p == '\\' && p[1])
                    p++;
            if (!*p)
                return p;
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if (*p == '}' || *p == ']') {
            if (depth-- == 0)
                return p;
        } else if (*p == ',' && depth == 0) {
            return p;
        }
    }
    return p;
}

struct member {
    const char *name, *name_end, *value, *end; /* a string's value without its quotes */
};

/* The member at `*p`, which is moved behind it. False at the end of the object. */
static bool next_member(const char **p, struct member *ret)
{
    const char *at = *p + strspn(*p, "{, ");
    if (*at != '"')
        return false;
    ret->name = at + 1;
    ret->name_end = ret->name + strcspn(ret->name, "\"");
    if (strncmp(ret->name_end, "\":", 2) != 0)
        return false;
    ret->value = ret->name_end + 2;
    ret->end = *p = skip_value(ret->value);
    if (*ret->value == '"' && ret->end - ret->value >= 2) {
        ret->value++;
        ret->end--;
    }
    return true;
}

static bool member_is(const struct member *m, const char *name)
{
    size_t n = (size_t)(m->name_end - m->name);
    return strlen(name) == n && memcmp(m->name, name, n) == 0;
}

/* {"kind":"Pod","namespace":"default","name":"web"} -> "pod/web"; other namespaces: "pod/web (shop)" */
static const char *object_of(struct reader *r, const struct member *of)
{
    const char *p = of->value, *kind = "", *name = "", *namespace_ = "";
    for (struct member m; p < of->end && next_member(&p, &m);) {
        if (member_is(&m, "kind"))
            kind = cut(r, m.value, m.end);
        else if (member_is(&m, "name"))
            name = masked(r, m.value, m.end);
        else if (member_is(&m, "namespace"))
            namespace_ = cut(r, m.value, m.end);
    }
    bool plain = !*namespace_ || strcmp(namespace_, "default") == 0;
    char *object = arena_printf(r->arena, plain ? "%s/%s" : "%s/%s (%s)", kind, name, namespace_);
    if (*object >= 'A' && *object <= 'Z')
        *object = (char)(*object - 'A' + 'a');
    return object;
}

/* A number of seconds. */
static sim_time seconds_of(struct reader *r, const struct member *m)
{
    sim_time at;
    const char *text = arena_printf(r->arena, "%ss", cut(r, m->value, m->end));
    return sim_parse_duration(text, &at) == 0 ? at : SIM_NEVER;
}

static void read_jsonl(struct reader *r, const char *line, struct golden_row *row)
{
    const char *p = line;
    struct strbuf rest = STRBUF_INIT;
    if (*line != '{')
        strbuf_puts(&rest, line);
    for (struct member m; *line == '{' && next_member(&p, &m);) {
        if (member_is(&m, "n"))
            row->cells[0] = cut(r, m.value, m.end);
        else if (member_is(&m, "t") || member_is(&m, "end"))
            row->at = seconds_of(r, &m);
        else if (member_is(&m, "cause"))
            row->cells[2] = cut(r, m.value, m.end);
        else if (member_is(&m, "by"))
            row->cells[3] = cut(r, m.value, m.end);
        else if (member_is(&m, "object"))
            row->object = object_of(r, &m);
        else if (member_is(&m, "kind"))
            row->cells[5] = cut(r, m.value, m.end);
        else
            strbuf_printf(&rest, "%s%.*s %.*s", rest.len ? ", " : "", (int)(m.name_end - m.name), m.name,
                          (int)(m.end - m.value), m.value);
    }
    row->cells[6] = masked(r, strbuf_str(&rest), strbuf_str(&rest) + rest.len);
    strbuf_fini(&rest);
}

/* ---- a whole text ---- */

/* Where the titles of the format stand in its header. False: the line is none. */
static bool find_titles(struct reader *r, const char *line)
{
    const char *p = line;
    for (uint32_t i = 0; i < GOLDEN_CELLS && r->format->titles[i]; i++) {
        const char *title = r->format->titles[i];
        p = skip_blanks(p);
        if (strncmp(p, "NAMESPACE ", 10) == 0) {
            r->namespaces = true;
            p = skip_blanks(p + 9);
        }
        if (!*p && r->format->read_row == read_timeline && i == 3)
            return true; /* a timeline without reasons has no WHY */
        if (strncmp(p, title, strlen(title)) != 0)
            return false;
        r->starts[i] = (uint32_t)(p - line); /* a header is ASCII */
        p += strlen(title);
    }
    return p > line && !*skip_blanks(p);
}

static bool read_header(struct reader *r, const char *line)
{
    bool is_header = find_titles(r, line);
    if (!is_header)
        memset(r->starts, 0, sizeof r->starts);
    return is_header;
}

static void end_row(struct reader *r)
{
    if (r->rows->count && r->block.len) {
        const char *text = strbuf_str(&r->block), *end = text + r->block.len;
        struct golden_row *row = &r->rows->items[r->rows->count - 1];
        row->cells[r->format->block] = r->format->read_row == read_wide ? masked(r, text, end) : cut(r, text, end);
    }
    strbuf_reset(&r->block);
}

/* A line below a row: what kubectl printed, or the fields that a write has changed. */
static bool belongs_to_row(const struct reader *r, const char *line)
{
    enum { INDENT = 12 };
    return r->format->block && r->rows->count && (!*line || strspn(line, " ") >= INDENT);
}

static void join_what(struct reader *r, struct golden_row *row)
{
    const struct golden_column *columns = r->format->columns;
    strbuf_reset(&r->scratch);
    for (uint32_t i = 0; i < GOLDEN_CELLS; i++)
        if (columns[i].role == ROLE_WHAT && *row->cells[i])
            strbuf_printf(&r->scratch, "%s%s", r->scratch.len ? " " : "", row->cells[i]);
    row->what = arena_strdup(r->arena, strbuf_str(&r->scratch));
}

static void read_line(struct reader *r, const char *line, uint32_t number)
{
    if (number == 1 && r->format->titles[0] && read_header(r, line)) {
        r->rows->layout = line;
        return;
    }
    if (belongs_to_row(r, line)) {
        line = skip_blanks(line);
        strbuf_printf(&r->block, "%s%s", r->block.len ? "; " : "", line);
        return;
    }
    if (r->format->passes_over && r->format->passes_over(r, line))
        return;
    end_row(r);
    struct golden_row *row = &r->rows->items[r->rows->count++];
    *row = (struct golden_row){.at = SIM_NEVER, .object = "", .line = number};
    for (uint32_t i = 0; i < GOLDEN_CELLS; i++)
        row->cells[i] = "";
    r->format->read_row(r, line, row);
    join_what(r, row);
}

void golden_read(struct arena *a, enum report_format format, const struct golden_text *text, struct golden_rows *ret)
{
    struct reader r = {.arena = a, .format = &formats[format], .rows = ret, .at = SIM_NEVER, .command = ""};
    const char *p = text->text, *end = p + text->length;
    size_t lines = 1;
    ASSERT(golden_format_is(format));
    for (const char *q = p; q < end && (q = memchr(q, '\n', (size_t)(end - q))) != NULL; q++)
        lines++;
    *ret = (struct golden_rows){.items = arena_array(a, struct golden_row, lines)};
    for (uint32_t number = 1; p < end; number++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        size_t length = (size_t)((newline ? newline : end) - p);
        while (length && (p[length - 1] == '\r' || p[length - 1] == ' '))
            length--;
        read_line(&r, arena_strndup(a, p, length), number);
        p = newline ? newline + 1 : end;
    }
    end_row(&r);
    strbuf_fini(&r.block);
    strbuf_fini(&r.scratch);
}

/* ---- is it ours? ---- */

/* "    1.385s  pod/web[app]  text" */
static bool is_log_line(const char *line)
{
    sim_time at;
    const char *rest = read_time(line, &at), *object = rest ? skip_blanks(rest) : "";
    const char *end = find_gap(object);
    return strncmp(object, "pod/", 4) == 0 && end[-1] == ']';
}

bool golden_recognizes(enum report_format format, const struct golden_text *text)
{
    static const char trace[] = "{\"schema\":\"podsim.dev/trace/";
    struct arena a;
    struct golden_rows rows = {0};
    bool is = false;
    if (!golden_format_is(format) || text->length == 0)
        return false;
    arena_init(&a, 0);
    struct reader r = {.arena = &a, .format = &formats[format], .rows = &rows};
    const char *newline = memchr(text->text, '\n', text->length);
    const char *first = arena_strndup(&a, text->text, newline ? (size_t)(newline - text->text) : text->length);
    if (format == REPORT_TRANSCRIPT)
        is = passes_over_times(&r, first);
    else if (format == REPORT_JSONL)
        is = strncmp(first, trace, sizeof trace - 1) == 0;
    else if (format == REPORT_LOGS)
        is = is_log_line(first);
    else
        is = read_header(&r, first);
    arena_fini(&a);
    return is;
}
