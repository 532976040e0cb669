/* programs_awk_io.c - awk's records and fields, the files and commands it reads and writes. */
#include "model/programs_awk.h"

#include <string.h>

#include "model/programs_regex.h"
#include "model/shell.h"

/* ---- variables the machine knows ---- */

/* Valid until the variable changes. Numbers among them are made text of. */
const char *awk_var_text(struct awk *a, int var)
{
    struct awk_value *v = &a->vars[var];
    if (!v->string) {
        struct awk_string *s = awk_to_string(a, v, "%.6g");
        *v = (struct awk_value){
            .kind = v->kind == AWK_NUMBER ? AWK_STRNUM : AWK_STRING, .number = v->number, .string = s};
    }
    return v->string->text;
}

void awk_set_var(struct awk *a, int var, struct awk_value v)
{
    awk_drop(a, &a->vars[var]);
    a->vars[var] = v;
}

/* ---- fields ---- */

static void set_count(struct awk *a, int n)
{
    for (int i = n; i < a->field_count; i++)
        awk_drop(a, &a->fields[i]);
    a->field_count = n;
    awk_set_var(a, VAR_NF, awk_of(n * AWK_ONE));
}

static void add_piece(struct awk *a, struct awk_array *to, bool to_fields, int *n, const char *s, size_t len)
{
    if (to_fields && *n >= AWK_FIELDS)
        return;
    struct awk_value v = awk_input(a, s, len);
    (*n)++;
    if (to_fields) {
        awk_drop(a, &a->fields[*n - 1]);
        a->fields[*n - 1] = v;
    } else {
        char *key = proc_printf(a->c, a->p, "%d", *n);
        *awk_array_at(a, to, key, true) = v;
        mem_free(&a->c->mem, key);
    }
}

static int split_blanks(struct awk *a, const char *s, struct awk_array *to, bool to_fields)
{
    int n = 0;
    while (*(s += strspn(s, " \t\n"))) {
        size_t len = strcspn(s, " \t\n");
        add_piece(a, to, to_fields, &n, s, len);
        s += len;
    }
    return n;
}

int awk_split(struct awk *a, const char *s, const char *separator, struct awk_array *to, bool to_fields)
{
    int n = 0;
    size_t at = 0;
    bool plain = separator[0] && !separator[1], lines = to_fields && !*awk_var_text(a, VAR_RS);
    if (strcmp(separator, " ") == 0)
        return split_blanks(a, s, to, to_fields);
    if (!*s)
        return 0;
    if (!*separator) {
        for (; *s; s++)
            add_piece(a, to, to_fields, &n, s, 1);
        return n;
    }
    for (;;) {
        struct regex_match m;
        size_t from = at + strcspn(s + at, (char[]){separator[0], lines ? '\n' : '\0', '\0'}),
               to_end = from + (s[from] != '\0');
        bool found = s[from] != '\0';
        if (!plain) {
            found = regex_search(a->c, separator, s, at, REGEX_EXTENDED, &m) && m.to[0] > m.from[0];
            from = found ? m.from[0] : strlen(s);
            to_end = found ? m.to[0] : from;
            const char *newline = lines ? strchr(s + at, '\n') : NULL;
            if (newline && (size_t)(newline - s) < from) {
                from = (size_t)(newline - s);
                to_end = from + 1;
                found = true;
            }
        }
        add_piece(a, to, to_fields, &n, s + at, from - at);
        if (!found)
            return n;
        at = to_end;
    }
}

void awk_split_record(struct awk *a)
{
    if (a->split)
        return;
    a->split = true;
    struct awk_string *s = awk_to_string(a, &a->record, "%.6g");
    int n = awk_split(a, s->text, awk_var_text(a, VAR_FS), NULL, true);
    awk_string_drop(a, s);
    if (n < a->field_count) {
        set_count(a, n);
    } else {
        a->field_count = n;
        awk_set_var(a, VAR_NF, awk_of(n * AWK_ONE));
    }
}

void awk_set_record(struct awk *a, struct awk_value v)
{
    awk_drop(a, &a->record);
    a->record = v;
    a->split = a->rebuild = false;
}

static void rebuild_record(struct awk *a)
{
    struct mem_buf out = {0};
    buf_puts(&a->c->mem, NULL, &out, "");
    for (int i = 0; i < a->field_count; i++) {
        struct awk_string *s = awk_to_string(a, &a->fields[i], awk_var_text(a, VAR_CONVFMT));
        if (i)
            buf_puts(&a->c->mem, NULL, &out, awk_var_text(a, VAR_OFS));
        buf_puts(&a->c->mem, NULL, &out, s->text);
        awk_string_drop(a, s);
    }
    awk_drop(a, &a->record);
    a->record = awk_input(a, out.data, out.len);
    a->rebuild = false;
    buf_fini(&a->c->mem, &out);
}

struct awk_value awk_get_field(struct awk *a, int64_t n)
{
    if (n == 0) {
        if (a->rebuild)
            rebuild_record(a);
        return awk_copy(&a->record);
    }
    awk_split_record(a);
    return n > 0 && n <= a->field_count ? awk_copy(&a->fields[n - 1]) : (struct awk_value){.kind = AWK_NONE};
}

void awk_set_field(struct awk *a, int64_t n, struct awk_value v)
{
    if (n == 0) {
        awk_set_record(a, v);
        return;
    }
    awk_split_record(a);
    if (n < 0 || n > AWK_FIELDS) {
        awk_drop(a, &v);
        return;
    }
    while (a->field_count < n)
        a->fields[a->field_count++] = (struct awk_value){.kind = AWK_NONE};
    awk_drop(a, &a->fields[n - 1]);
    a->fields[n - 1] = v;
    a->rebuild = true;
    awk_set_var(a, VAR_NF, awk_of(a->field_count * AWK_ONE));
}

/* ---- records ---- */

/* Where the record at the start of the text ends, and the next begins; false: more must be read. */
static bool find_end(struct awk *a, const struct awk_stream *s, size_t *ret_len, size_t *ret_next)
{
    const char *text = buf_str(&s->text) + s->used, *rs = awk_var_text(a, VAR_RS);
    size_t n = s->text.len - s->used;
    struct regex_match m;
    const char *end = NULL;
    *ret_len = *ret_next = n;
    if (rs[0] && rs[1]) {
        bool found = n && regex_search(a->c, rs, text, 0, REGEX_EXTENDED, &m) && (m.to[0] < n || s->at_end);
        if (found) {
            *ret_len = m.from[0];
            *ret_next = m.to[0];
        }
        return found || (s->at_end && n);
    }
    if (*rs) {
        end = n ? memchr(text, *rs, n) : NULL;
    } else {
        for (end = text; (end = strstr(end, "\n\n")) && end == text; end++)
            ;
    }
    if (end) {
        *ret_len = (size_t)(end - text);
        *ret_next = *ret_len + 1;
        while (!*rs && *ret_next < n && text[*ret_next] == '\n')
            (*ret_next)++;
        return *rs || *ret_next < n || s->at_end;
    }
    if (s->at_end && n && text[n - 1] == '\n' && (!*rs || *rs == '\n'))
        (*ret_len)--;
    return s->at_end && n;
}

int awk_read_record(struct awk *a, struct awk_stream *s, struct awk_value *ret)
{
    char bytes[2048];
    size_t len, next;
    for (;;) {
        while (!*awk_var_text(a, VAR_RS) && s->used < s->text.len && s->text.data[s->used] == '\n')
            s->used++; /* paragraphs: empty lines before the first */
        if (find_end(a, s, &len, &next)) {
            *ret = awk_input(a, s->text.data + s->used, len);
            s->used += next;
            return 1;
        }
        if (s->at_end)
            return 0;
        if (s->used) {
            memmove(s->text.data, s->text.data + s->used, s->text.len - s->used + 1);
            s->text.len -= s->used;
            s->used = 0;
        }
        int64_t n = s->text.len < STRING_MAX_BYTES ? ofile_read(a->c, a->p, s->file, bytes, sizeof bytes) : 0;
        if (n == READ_BLOCKED)
            return -2;
        if (n <= 0)
            s->at_end = true;
        else
            buf_add(&a->c->mem, &a->p->mem, &s->text, bytes, (size_t)n);
    }
}

/* "name=value" among the files. */
static bool is_assignment(const char *arg)
{
    size_t n = 0;
    while (sh_is_name_char(arg[n]))
        n++;
    return n && !sh_is_digit(arg[0]) && arg[n] == '=';
}

static void assign_argument(struct awk *a, const char *arg)
{
    size_t n = strcspn(arg, "=");
    char *name = mem_strndup(&a->c->mem, &a->p->mem, arg, n),
         *text = awk_unescape(a, arg + n + 1, strlen(arg + n + 1), false);
    int var = awk_name(a, name);
    awk_set_var(a, var, awk_input(a, text, strlen(text)));
    mem_free(&a->c->mem, name);
}

/* The next file of ARGV becomes the input; false: there is none. */
static bool open_next(struct awk *a)
{
    int64_t count = awk_whole(awk_to_number(&a->vars[VAR_ARGC]));
    enum vfs_error e = VFS_OK;
    for (; a->next_arg < count; a->next_arg++) {
        char *key = proc_printf(a->c, a->p, "%d", a->next_arg);
        struct awk_value *v = awk_array_at(a, a->vars[VAR_ARGV].array, key, false);
        struct awk_string *name = v ? awk_to_string(a, v, "%.6g") : NULL;
        if (!name || !name->len)
            continue;
        if (is_assignment(name->text)) {
            assign_argument(a, name->text);
            continue;
        }
        a->main_open = true;
        a->next_arg++;
        awk_set_var(a, VAR_FILENAME, awk_text(a, name->text, name->len));
        awk_set_var(a, VAR_FNR, awk_of(0));
        a->input.file =
            strcmp(name->text, "-") == 0 ? ofile_ref(a->p->fds[0]) : file_open(a->c, a->p, name->text, OPEN_READ, &e);
        if (!a->input.file) {
            err_printf(a->c, a->p, is_gnu(a->p) ? "cannot open %s (%s)" : "%s: %s", name->text, vfs_error_text(e));
            a->exit_code = is_gnu(a->p) ? 2 : 1;
            a->failed |= !is_gnu(a->p);
            a->exiting = !is_gnu(a->p); /* busybox stops there */
        }
        return true;
    }
    if (a->main_open)
        return false;
    a->main_open = true;
    a->input.file = ofile_ref(a->p->fds[0]);
    return a->input.file;
}

int awk_main_record(struct awk *a, struct awk_value *ret)
{
    while (!a->at_end) {
        if (!a->input.file) {
            a->input.at_end = false;
            a->input.text.len = a->input.used = 0;
            if (!open_next(a) || a->exiting) {
                a->at_end = true;
                return 0;
            }
            continue;
        }
        int r = awk_read_record(a, &a->input, ret);
        if (r)
            return r;
        ofile_unref(a->c, a->input.file);
        a->input.file = NULL;
    }
    return 0;
}

/* ---- files and commands ---- */

struct proc *awk_shell(struct awk *a, const char *command, struct ofile *in, struct ofile *out)
{
    static char sh[] = "sh", option[] = "-c";
    struct proc *p = a->p;
    struct lookup_result found;
    struct ofile *fds[PROC_FDS];
    char *argv[] = {sh, option, (char *)(uintptr_t)command};
    if (command_find(a->c, p, "sh", &found) != LOOKUP_FOUND)
        return NULL;
    memcpy(fds, p->fds, sizeof fds);
    fds[0] = in ? in : fds[0];
    fds[1] = out ? out : fds[1];
    struct proc_start start = {.program = found.program,
                               .parent = p,
                               .container = p->container,
                               .argc = 3,
                               .argv = argv,
                               .env = &p->env,
                               .cwd = p->cwd,
                               .fds = fds,
                               .sig_ignored = p->sig_ignored,
                               .umask = p->umask,
                               .uid = p->uid};
    return proc_start(a->c, &start);
}

static bool open_command(struct awk *a, struct awk_stream *s, const char *command)
{
    struct ofile *r, *w;
    pipe_new(a->c, a->p->container, &r, &w);
    struct proc *child = s->reads ? awk_shell(a, command, NULL, w) : awk_shell(a, command, r, NULL);
    s->file = s->reads ? r : w;
    ofile_unref(a->c, s->reads ? w : r);
    s->child = child ? child->pid : 0;
    return child;
}

struct awk_stream *awk_open(struct awk *a, const char *name, int how, bool reads)
{
    enum vfs_error e = VFS_OK;
    for (struct awk_stream *s = a->streams; s; s = s->next)
        if (s->reads == reads && strcmp(s->name->text, name) == 0 && s->file)
            return s;
    struct awk_stream *s = proc_alloc(a->c, a->p, sizeof *s);
    s->reads = reads;
    bool command = reads ? how == FROM_COMMAND : how == TO_COMMAND;
    if (command)
        open_command(a, s, name);
    else if (strcmp(name, "-") == 0)
        s->file = ofile_ref(a->p->fds[reads ? 0 : 1]);
    else
        s->file = file_open(
            a->c, a->p, name,
            reads ? OPEN_READ : OPEN_WRITE | OPEN_CREATE | (how == TO_APPEND ? OPEN_APPEND : OPEN_TRUNCATE), &e);
    if (!s->file) {
        if (!reads) {
            err_printf(a->c, a->p, "can't redirect to '%s' (%s)", name, vfs_error_text(e));
            a->exit_code = 2;
        }
        mem_free(&a->c->mem, s);
        return NULL;
    }
    s->name = awk_string_new(a, name, strlen(name));
    s->next = a->streams;
    a->streams = s;
    return s;
}

/* Waits for the command at the stream's other end; false: it still runs. */
static bool reap(struct awk *a, struct awk_stream *s, int *ret_status)
{
    struct proc *zombie = s->child ? proc_zombie(a->p, s->child) : NULL;
    if (s->child && !zombie && proc_has_child(a->p, s->child))
        return false;
    *ret_status = zombie ? proc_wait_status(zombie) : 0;
    if (zombie)
        proc_reap(a->c, zombie);
    s->child = 0;
    return true;
}

static void forget(struct awk *a, struct awk_stream *s)
{
    struct awk_stream **at = &a->streams;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    awk_string_drop(a, s->name);
    buf_fini(&a->c->mem, &s->text);
    mem_free(&a->c->mem, s);
}

int awk_close(struct awk *a, const char *name, bool *ret_wait)
{
    int status = -1;
    for (struct awk_stream *s = a->streams, *next; s; s = next) {
        next = s->next;
        if (strcmp(s->name->text, name) != 0)
            continue;
        ofile_unref(a->c, s->file);
        s->file = NULL;
        if (!reap(a, s, &status)) {
            *ret_wait = true;
            return 0;
        }
        forget(a, s);
    }
    return status;
}

bool awk_finish(struct awk *a)
{
    int status;
    ofile_unref(a->c, a->input.file);
    a->input.file = NULL;
    for (struct awk_stream *s = a->streams; s; s = s->next) {
        ofile_unref(a->c, s->file);
        s->file = NULL;
    }
    while (a->streams) {
        if (!reap(a, a->streams, &status))
            return false;
        forget(a, a->streams);
    }
    return true;
}
