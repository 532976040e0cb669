/* case_file.c - see case_file.h. */
#include "case_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_whole(struct arena *a, const char *path)
{
    FILE *in = fopen(path, "rb");
    if (!in)
        return NULL;
    fseek(in, 0, SEEK_END);
    long size = ftell(in);
    rewind(in);
    char *text = size < 0 ? NULL : arena_alloc(a, (size_t)size + 1);
    if (text && fread(text, 1, (size_t)size, in) == (size_t)size)
        text[size] = '\0';
    else
        text = NULL;
    fclose(in);
    return text;
}

static bool fail(struct case_file *file, int line, const char *what)
{
    snprintf(file->error, sizeof file->error, "%d: %s", line, what);
    return false;
}

struct reader {
    struct arena *a;
    const char *at;
    int line; /* of `at`, from 1 */
};

/* The text up to the next marker line. */
static const char *take_body(struct reader *r)
{
    const char *start = r->at;
    while (*r->at && strncmp(r->at, "#=== ", 5) != 0 && strncmp(r->at, "#--- ", 5) != 0) {
        const char *end = strchr(r->at, '\n');
        r->at = end ? end + 1 : r->at + strlen(r->at);
        r->line++;
    }
    return arena_strndup(r->a, start, (size_t)(r->at - start));
}

static char *take_line(struct reader *r)
{
    size_t n = strcspn(r->at, "\n");
    char *text = arena_strndup(r->a, r->at, n);
    r->at += n + (r->at[n] == '\n');
    r->line++;
    return text;
}

/* What follows `prefix` in `text`, or NULL. */
static const char *after(const char *text, const char *prefix)
{
    size_t n = strlen(prefix);
    return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

static const char NO_NEWLINE[] = ", no newline at the end";

/* "out" and "err" with their body; NULL: not such a section, or wrong. */
static const char *stream_section(struct reader *r, const char *title, const char *name)
{
    const char *rest = after(title, name);
    if (!rest || (*rest && strcmp(rest, NO_NEWLINE) != 0))
        return NULL;
    const char *body = take_body(r);
    size_t n = strlen(body);
    return *rest && n ? arena_strndup(r->a, body, n - 1) : body;
}

/* "2.5s TERM" */
static bool read_signal(struct reader *r, struct shell_case *c, const char *text)
{
    char *end;
    long ms = 1000 * strtol(text, &end, 10);
    if (*end == '.')
        for (long unit = 100; *++end >= '0' && *end <= '9'; unit /= 10)
            ms += unit * (*end - '0');
    if (end == text || end[0] != 's' || end[1] != ' ' || !end[2] || c->signal_count == CASE_SIGNALS_MAX)
        return false;
    c->signals[c->signal_count++] = (struct case_signal){(int)ms, arena_strdup(r->a, end + 2)};
    return true;
}

static bool read_section(struct case_file *file, struct reader *r, struct shell_case *c)
{
    int line = r->line;
    const char *title = take_line(r) + strlen("#--- "), *rest, *body;

    if ((body = stream_section(r, title, "out")))
        c->want.out = body;
    else if ((body = stream_section(r, title, "err")))
        c->want.err = body;
    else if ((rest = after(title, "exit ")) && atoi(rest) > 0)
        c->want.status = atoi(rest);
    else if ((rest = after(title, "image ")) && *rest)
        c->image = rest;
    else if (strcmp(title, "words") == 0)
        c->words = true;
    else if ((rest = after(title, "at ")) && read_signal(r, c, rest))
        ;
    else if (strcmp(title, "shows") == 0)
        c->shows = take_body(r);
    else if ((rest = after(title, "err is not compared: ")) && *rest)
        c->err_differs = rest;
    else if ((rest = after(title, "podsim differs: ")) && *rest)
        c->podsim_differs = rest;
    else
        return fail(file, line, "this is no section of a case");
    return true;
}

static size_t count_cases(const char *text)
{
    size_t n = strncmp(text, "#=== ", 5) == 0;
    while ((text = strstr(text, "\n#=== "))) {
        n++;
        text++;
    }
    return n;
}

bool case_file_read(struct arena *a, const char *path, struct case_file *file)
{
    *file = (struct case_file){.path = path};
    const char *text = read_whole(a, path);
    if (!text)
        return fail(file, 0, "cannot be read");
    size_t most = count_cases(text);
    struct reader r = {.a = a, .at = text, .line = 1};
    file->head = take_body(&r);
    file->cases = arena_array(a, struct shell_case, most ? most : 1);
    while (*r.at) {
        if (strncmp(r.at, "#=== ", 5) != 0)
            return fail(file, r.line, "a case begins with \"#=== \" and its name");
        ASSERT(file->count < most);
        struct shell_case *c = &file->cases[file->count++];
        *c = (struct shell_case){.line = r.line, .want = {.out = "", .err = ""}};
        c->name = take_line(&r) + strlen("#=== ");
        c->script = take_body(&r);
        for (size_t i = 0; i + 1 < file->count; i++)
            if (strcmp(file->cases[i].name, c->name) == 0)
                return fail(file, c->line, "two cases have this name");
        while (strncmp(r.at, "#--- ", 5) == 0)
            if (!read_section(file, &r, c))
                return false;
    }
    return file->count > 0 || fail(file, r.line, "no case here");
}

static void write_stream(FILE *out, const char *name, const char *text)
{
    size_t n = strlen(text);
    if (!n)
        return;
    bool newline = text[n - 1] == '\n';
    fprintf(out, "#--- %s%s\n%s%s", name, newline ? "" : NO_NEWLINE, text, newline ? "" : "\n");
}

static void write_timing(FILE *out, const struct shell_case *c)
{
    if (c->image)
        fprintf(out, "#--- image %s\n", c->image);
    if (c->words)
        fprintf(out, "#--- words\n");
    for (int i = 0; i < c->signal_count; i++) {
        int ms = c->signals[i].at_ms;
        fprintf(out, ms % 1000 ? "#--- at %d.%ds %s\n" : "#--- at %d%.0ds %s\n", ms / 1000, ms % 1000 / 100,
                c->signals[i].name);
    }
    if (c->shows)
        fprintf(out, "#--- shows\n%s", c->shows);
}

bool case_file_write(const struct case_file *file)
{
    FILE *out = fopen(file->path, "wb");
    if (!out)
        return false;
    fputs(file->head, out);
    for (size_t i = 0; i < file->count; i++) {
        const struct shell_case *c = &file->cases[i];
        fprintf(out, "#=== %s\n%s", c->name, c->script);
        write_stream(out, "out", c->want.out);
        if (c->err_differs)
            fprintf(out, "#--- err is not compared: %s\n", c->err_differs);
        else
            write_stream(out, "err", c->want.err);
        if (c->want.status)
            fprintf(out, "#--- exit %d\n", c->want.status);
        write_timing(out, c);
        if (c->podsim_differs)
            fprintf(out, "#--- podsim differs: %s\n", c->podsim_differs);
    }
    return fclose(out) == 0;
}
