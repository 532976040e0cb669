/* programs_grep.c - grep, egrep, fgrep. Left out: --include, colours (accepted and ignored by GNU's), -P beyond what
 * extended expressions know.
 */
#include <string.h>

#include "model/programs_list.h"
#include "model/programs_regex.h"
#include "model/shell.h"

enum { GREP_PATTERNS = 64 };
struct grep_data {
    bool begun, invert, ignore_case, quiet, count, names, no_match_names, numbers, fixed, extended, only, whole_line;
    bool silent, word, recursive, with_name, no_name, nul;
    const char *patterns[GREP_PATTERNS];
    uint32_t pattern_count;
    int64_t max, before, after;
    const char *include;
    char **files; /* what is searched: names; "-" is standard input */
    uint32_t file_count, file_cap, at;
    struct ofile *file;
    bool opened;
    struct mem_buf text; /* read and not yet a whole line */
    size_t done;         /* of text */
    bool at_end;
    int64_t hits, all_hits, line, owed, last_shown; /* owed: lines of context to come */
    struct mem_buf *kept;                           /* ring of lines before */
    int64_t *kept_lines;
    int64_t kept_count;
    bool errors, found, any_shown;
};

/* ---- arguments ---- */

/* A pattern's lines are patterns. */
static void add_patterns(struct cri *c, struct proc *p, struct grep_data *d, const char *text)
{
    for (;;) {
        size_t n = strcspn(text, "\n");
        if (d->pattern_count < GREP_PATTERNS)
            d->patterns[d->pattern_count++] = mem_strndup(&c->mem, &p->mem, text, n);
        if (!text[n])
            return;
        text += n + 1;
    }
}

static bool patterns_of_file(struct cri *c, struct proc *p, struct grep_data *d, const char *path)
{
    struct vnode *n;
    size_t len;
    enum vfs_error e = vfs_find(c, p->container, p->cwd, path, &n);
    if (e != VFS_OK) {
        err_printf(c, p, "%s: %s", path, vfs_error_text(e));
        return false;
    }
    char *text = proc_strdup(c, p, vfs_content(c, p->container, n, &len));
    if (len && text[len - 1] == '\n')
        text[len - 1] = '\0';
    if (len)
        add_patterns(c, p, d, text);
    return true;
}

static void add_file(struct cri *c, struct proc *p, struct grep_data *d, const char *name)
{
    if (d->file_count == d->file_cap) {
        d->file_cap = d->file_cap ? 2 * d->file_cap : 16;
        d->files = mem_grow(&c->mem, &p->mem, d->files, sizeof(char *) * d->file_cap);
    }
    d->files[d->file_count++] = proc_strdup(c, p, name);
}

/* The files of a tree, in order of names. */
static void add_tree(struct cri *c, struct proc *p, struct grep_data *d, const char *path, struct vnode *dir, int depth)
{
    for (struct vnode *n = vfs_first(c, p->container, dir); n && depth < VFS_DEPTH_MAX; n = n->next) {
        char *inner = path_join(c, p, path, n->name);
        if (vfs_real(n)->type == VNODE_DIR)
            add_tree(c, p, d, inner, vfs_real(n), depth + 1);
        else if (vfs_real(n)->type == VNODE_FILE && (!d->include || sh_pattern_match(d->include, n->name)))
            add_file(c, p, d, inner);
    }
}

static bool grep_option(struct cri *c, struct proc *p, struct grep_data *d, int letter, const char *value)
{
    d->invert |= letter == 'v';
    d->ignore_case |= letter == 'i' || letter == 'y';
    d->quiet |= letter == 'q';
    d->count |= letter == 'c';
    d->names |= letter == 'l';
    d->no_match_names |= letter == 'L';
    d->numbers |= letter == 'n';
    d->fixed |= letter == 'F';
    d->extended |= letter == 'E' || letter == 'P';
    d->only |= letter == 'o';
    d->whole_line |= letter == 'x';
    d->silent |= letter == 's';
    d->word |= letter == 'w';
    d->recursive |= letter == 'r' || letter == 'R';
    d->with_name |= letter == 'H';
    d->no_name |= letter == 'h';
    d->nul |= letter == 'z';
    if (letter == 'e')
        add_patterns(c, p, d, value);
    if (letter == 'f')
        return patterns_of_file(c, p, d, value);
    if (letter == '\2')
        d->include = value;
    int64_t n = 0;
    if (strchr("mABC", letter) && letter) {
        if (!parse_int64(value, &n) || n < 0) {
            err_printf(c, p, "invalid number '%s'", value);
            return false;
        }
        if (letter == 'm')
            d->max = n;
        if (letter == 'A' || letter == 'C')
            d->after = n;
        if (letter == 'B' || letter == 'C')
            d->before = n;
    }
    return true;
}

static int flags_of(const struct grep_data *d)
{
    return (d->extended ? REGEX_EXTENDED : 0) | (d->fixed ? REGEX_FIXED : 0) | (d->ignore_case ? REGEX_ICASE : 0);
}

static void grep_files(struct cri *c, struct proc *p, struct grep_data *d, int first)
{
    bool directory = false;
    for (int i = first; i < p->argc; i++) {
        struct vnode *n = NULL;
        if (d->recursive && vfs_find(c, p->container, p->cwd, p->argv[i], &n) == VFS_OK && n->type == VNODE_DIR) {
            directory = true;
            add_tree(c, p, d, p->argv[i], n, 0);
        } else {
            add_file(c, p, d, p->argv[i]);
        }
    }
    if (first >= p->argc && d->recursive) {
        struct vnode *n;
        directory = true;
        if (vfs_find(c, p->container, p->cwd, ".", &n) == VFS_OK)
            add_tree(c, p, d, is_gnu(p) ? "" : ".", n, 0);
    } else if (first >= p->argc) {
        add_file(c, p, d, "-");
    }
    d->with_name |= (p->argc - first > 1 || directory) && !d->no_name;
    d->with_name &= !d->no_name;
}

static const struct long_option grep_longs[] = {{"quiet", 'q'},         {"silent", 'q'},
                                                {"ignore-case", 'i'},   {"invert-match", 'v'},
                                                {"count", 'c'},         {"extended-regexp", 'E'},
                                                {"fixed-strings", 'F'}, {"only-matching", 'o'},
                                                {"recursive", 'r'},     {"files-with-matches", 'l'},
                                                {"line-number", 'n'},   {"word-regexp", 'w'},
                                                {"max-count", 'm'},     {"regexp", 'e'},
                                                {"no-filename", 'h'},   {"with-filename", 'H'},
                                                {"after-context", 'A'}, {"before-context", 'B'},
                                                {"context", 'C'},       {"line-regexp", 'x'},
                                                {"include", '\2'},      {"color", '\1'},
                                                {"colour", '\1'},       {"line-buffered", '\1'},
                                                {"text", 'a'},          {"perl-regexp", 'P'},
                                                {"no-messages", 's'},   {NULL, 0}};
static const struct long_option grep_busybox_longs[] = {{"color", '\1'}, {NULL, 0}};

static bool patterns_are_good(struct cri *c, struct proc *p, const struct grep_data *d)
{
    for (uint32_t i = 0; i < d->pattern_count && !d->fixed; i++) {
        const char *wrong = regex_error(d->patterns[i], flags_of(d));
        if (wrong) {
            if (is_gnu(p))
                err_printf(c, p, "%s", wrong);
            else
                err_printf(c, p, "bad regex '%s': %s", d->patterns[i], wrong);
            return false;
        }
    }
    return true;
}

static bool grep_begin(struct cri *c, struct proc *p, struct grep_data *d)
{
    struct options o = {.p = p};
    const char *name = p->argc ? path_base(p->argv[0]) : "grep";
    d->begun = true;
    d->max = INT64_MAX;
    d->extended = strcmp(name, "egrep") == 0;
    d->fixed = strcmp(name, "fgrep") == 0;
    for (int letter;
         (letter = option_get(
              c, &o, is_gnu(p) ? "vilLnqcFEPowxszrRHhIae:f:m:A:B:C:\1::\2:" : "vilLnqcFEowxszrRHhIae:f:m:A:B:C:\1::",
              is_gnu(p) ? grep_longs : grep_busybox_longs));)
        if (letter == '?' || !grep_option(c, p, d, letter, o.value))
            return false;
    if (!d->pattern_count && o.next < p->argc)
        add_patterns(c, p, d, p->argv[o.next++]);
    else if (!d->pattern_count && !p->argc)
        return false;
    if (!d->pattern_count) {
        usage_print(c, p, "");
        return false;
    }
    if (!patterns_are_good(c, p, d))
        return false;
    grep_files(c, p, d, o.next);
    d->kept = proc_alloc(c, p, sizeof *d->kept * (size_t)(d->before < 1000 ? d->before + 1 : 1001));
    d->kept_lines = proc_alloc(c, p, sizeof *d->kept_lines * (size_t)(d->before < 1000 ? d->before + 1 : 1001));
    if (d->before > 1000)
        d->before = 1000;
    return true;
}

/* ---- matching ---- */

static bool is_word_char(char ch) { return sh_is_name_char(ch); }

static bool match_one(struct cri *c, const struct grep_data *d, const char *pattern, const char *line, size_t from,
                      size_t *ret_from, size_t *ret_len)
{
    for (;;) {
        struct regex_match m;
        if (!regex_search(c, pattern, line, from, flags_of(d), &m))
            return false;
        *ret_from = m.from[0];
        *ret_len = m.to[0] - m.from[0];
        bool whole = !d->whole_line || (m.from[0] == 0 && !line[m.to[0]]);
        bool word =
            !d->word || ((m.from[0] == 0 || !is_word_char(line[m.from[0] - 1])) && !is_word_char(line[m.to[0]]));
        if (whole && word)
            return true;
        from = m.from[0] + 1;
        if (!line[m.from[0]] || d->whole_line)
            return false;
    }
}

/* The leftmost, then longest match of any pattern. */
static bool match_any(struct cri *c, const struct grep_data *d, const char *line, size_t from, size_t *ret_from,
                      size_t *ret_len)
{
    bool hit = false;
    for (uint32_t i = 0; i < d->pattern_count; i++) {
        size_t at, len;
        if (!match_one(c, d, d->patterns[i], line, from, &at, &len))
            continue;
        if (!hit || at < *ret_from || (at == *ret_from && len > *ret_len)) {
            *ret_from = at;
            *ret_len = len;
        }
        hit = true;
        if (!d->only)
            break;
    }
    return hit;
}

/* ---- output ---- */

static const char *shown_name(const struct grep_data *d)
{
    const char *name = d->files[d->at - 1];
    return strcmp(name, "-") == 0 ? "(standard input)" : name[0] == '/' && d->recursive && !name[1] ? name + 1 : name;
}

static void print_prefix(struct cri *c, struct proc *p, const struct grep_data *d, int64_t line, char mark)
{
    if (d->with_name)
        out_printf(c, p, 1, "%s%c", shown_name(d), mark);
    if (d->numbers)
        out_printf(c, p, 1, "%lld%c", (long long)line, mark);
}

static void print_line(struct cri *c, struct proc *p, struct grep_data *d, const char *text, size_t len, int64_t line,
                       char mark)
{
    if ((d->before || d->after) && d->any_shown && line != d->last_shown + 1)
        out_puts(c, p, 1, "--\n");
    print_prefix(c, p, d, line, mark);
    fd_write(c, p, 1, text, len);
    fd_write(c, p, 1, d->nul ? "" : "\n", 1);
    d->last_shown = line;
    d->any_shown = true;
}

static void print_matches(struct cri *c, struct proc *p, struct grep_data *d, const char *text, size_t from, size_t len)
{
    for (size_t at = from;;) {
        if (len) {
            print_prefix(c, p, d, d->line, ':');
            fd_write(c, p, 1, text + at, len);
            out_puts(c, p, 1, "\n");
        }
        size_t next = at + len + (len == 0);
        if ((len == 0 && !text[at]) || next > strlen(text) || !match_any(c, d, text, next, &at, &len))
            return;
    }
}

static void keep_line(struct cri *c, struct proc *p, struct grep_data *d, const char *text, size_t len)
{
    if (!d->before)
        return;
    struct mem_buf *slot = &d->kept[d->kept_count % d->before];
    slot->len = 0;
    buf_add(&c->mem, &p->mem, slot, text, len);
    d->kept_lines[d->kept_count % d->before] = d->line;
    d->kept_count++;
}

static void print_kept(struct cri *c, struct proc *p, struct grep_data *d)
{
    int64_t n = d->kept_count < d->before ? d->kept_count : d->before;
    for (int64_t i = d->kept_count - n; i < d->kept_count; i++) {
        const struct mem_buf *b = &d->kept[i % d->before];
        if (d->kept_lines[i % d->before] > d->last_shown || !d->any_shown)
            print_line(c, p, d, buf_str(b), b->len, d->kept_lines[i % d->before], '-');
    }
    d->kept_count = 0;
}

/* false: nothing more of this file is of interest. */
static bool grep_line(struct cri *c, struct proc *p, struct grep_data *d, const char *text, size_t len)
{
    size_t from = 0, matched = 0;
    d->line++;
    if (match_any(c, d, text, 0, &from, &matched) == d->invert) {
        if (d->owed > 0 && !d->quiet && !d->count && !d->names && !d->no_match_names && !d->only) {
            d->owed--;
            print_line(c, p, d, text, len, d->line, '-');
        } else {
            keep_line(c, p, d, text, len);
        }
        return d->hits < d->max || d->owed > 0;
    }
    if (d->hits >= d->max)
        return d->owed-- > 0;
    d->hits++;
    d->found = true;
    if (d->quiet || d->names || d->no_match_names)
        return false;
    if (!d->count && d->only) {
        if (!d->invert)
            print_matches(c, p, d, text, from, matched);
    } else if (!d->count) {
        print_kept(c, p, d);
        print_line(c, p, d, text, len, d->line, ':');
        d->owed = d->after;
    }
    return d->hits < d->max || (d->owed > 0 && !d->count);
}

static void end_file(struct cri *c, struct proc *p, struct grep_data *d)
{
    if (d->count && !d->quiet) {
        if (d->with_name)
            out_printf(c, p, 1, "%s:", shown_name(d));
        out_printf(c, p, 1, "%lld\n", (long long)d->hits);
    }
    if (!d->quiet && ((d->names && d->hits) || (d->no_match_names && !d->hits)))
        out_printf(c, p, 1, "%s\n", shown_name(d));
    ofile_unref(c, d->file);
    d->file = NULL;
    d->text.len = d->done = 0;
    d->at_end = false;
    d->hits = d->line = d->owed = d->kept_count = 0;
    d->last_shown = 0;
}

/* ---- reading ---- */

static bool open_next(struct cri *c, struct proc *p, struct grep_data *d)
{
    while (d->at < d->file_count) {
        const char *name = d->files[d->at++];
        enum vfs_error e = VFS_OK;
        d->file = strcmp(name, "-") == 0 ? ofile_ref(p->fds[0]) : file_open(c, p, name, OPEN_READ, &e);
        if (d->file)
            return true;
        if (!d->silent)
            err_printf(c, p, "%s: %s", name, vfs_error_text(e == VFS_OK ? VFS_NOENT : e));
        d->errors = true;
    }
    return false;
}

/* The next line of what was read, without its end; NULL: more must be read. */
static char *next_line(struct grep_data *d, size_t *ret_len)
{
    char *from = d->text.data ? d->text.data + d->done : NULL;
    size_t left = d->text.len - d->done;
    char *end = left ? memchr(from, d->nul ? '\0' : '\n', left) : NULL;
    if (!end && !(d->at_end && left))
        return NULL;
    *ret_len = end ? (size_t)(end - from) : left;
    from[*ret_len] = '\0';
    d->done += *ret_len + (end != NULL);
    return from;
}

static enum step read_more(struct cri *c, struct proc *p, struct grep_data *d)
{
    char bytes[4096];
    if (d->done) {
        memmove(d->text.data, d->text.data + d->done, d->text.len - d->done);
        d->text.len -= d->done;
        d->done = 0;
    }
    int64_t n = ofile_read(c, p, d->file, bytes, sizeof bytes);
    if (n == READ_BLOCKED)
        return STEP_BLOCK;
    if (n == READ_ISDIR && is_gnu(p) && !d->silent)
        err_printf(c, p, "%s: Is a directory", d->files[d->at - 1]), d->errors = true;
    if (n > 0 && d->text.len < STRING_MAX_BYTES)
        buf_add(&c->mem, &p->mem, &d->text, bytes, (size_t)n);
    else
        d->at_end = true;
    return STEP_AGAIN;
}

static enum step grep_step(struct cri *c, struct proc *p)
{
    struct grep_data *d = p->data;
    if (!d->begun && !grep_begin(c, p, d))
        return proc_exit_with(p, 2);
    if (!d->file && !open_next(c, p, d))
        return proc_exit_with(p, d->found && d->quiet ? 0 : d->errors ? 2 : !d->found);
    for (int budget = 0; budget < 64 && !p->full_pipe; budget++) {
        size_t len;
        char *line = next_line(d, &len);
        if (line) {
            bool more = grep_line(c, p, d, line, len);
            if (d->quiet && d->found)
                return proc_exit_with(p, 0);
            if (more)
                continue;
        } else if (!d->at_end) {
            return read_more(c, p, d);
        }
        end_file(c, p, d);
        return STEP_AGAIN;
    }
    return STEP_AGAIN;
}

const struct program program_grep = {.name = "grep", .step = grep_step, .data_bytes = sizeof(struct grep_data)};
