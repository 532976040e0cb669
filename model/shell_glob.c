/* shell_glob.c - patterns: POSIX 2.13, for case, ${x#p} and file names. */
#include <string.h>

#include "model/shell.h"

/* "[...]" at *s against ch; *s moves behind it. -1: no bracket expression after all. */
static int match_bracket(const char **s, char ch)
{
    static const struct {
        const char *name, *ranges;
    } classes[] = {{"[:alpha:]", "azAZ"},    {"[:digit:]", "09"},     {"[:alnum:]", "azAZ09"},
                   {"[:upper:]", "AZ"},      {"[:lower:]", "az"},     {"[:space:]", "  \t\r"},
                   {"[:xdigit:]", "09afAF"}, {"[:blank:]", "  \t\t"}, {"[:punct:]", "!/:@[`{~"}};
    const char *p = *s + 1;
    bool negated = *p == '!' || *p == '^', hit = false;

    if (negated)
        p++;
    for (bool first = true; *p && (first || *p != ']'); first = false) {
        bool known = false;
        for (size_t i = 0; i < ARRAY_LEN(classes) && *p == '['; i++) {
            size_t n = strlen(classes[i].name);
            if (strncmp(p, classes[i].name, n) != 0)
                continue;
            for (const char *r = classes[i].ranges; *r; r += 2)
                hit |= ch >= r[0] && ch <= r[1];
            p += n;
            known = true;
            break;
        }
        if (known)
            continue;
        if (*p == '\\' && p[1])
            p++;
        char from = *p++, to = from;
        if (p[0] == '-' && p[1] && p[1] != ']') {
            p++;
            if (*p == '\\' && p[1])
                p++;
            to = *p++;
        }
        hit |= (unsigned char)ch >= (unsigned char)from && (unsigned char)ch <= (unsigned char)to;
    }
    if (*p != ']')
        return -1;
    *s = p + 1;
    return hit != negated;
}

/* Without recursion: one point to come back to is enough for "*". */
bool sh_pattern_match(const char *pattern, const char *text)
{
    const char *star = NULL, *star_text = NULL;
    for (;;) {
        const char *before = pattern;
        bool ok = false;
        if (*pattern == '*') {
            star = ++pattern;
            star_text = text;
            continue;
        }
        if (!*text) {
            return !*pattern;
        }
        if (*pattern == '?') {
            pattern++;
            ok = true;
        } else if (*pattern == '[') {
            int m = match_bracket(&pattern, *text);
            if (m < 0) {
                pattern = before + 1;
                ok = *text == '[';
            } else {
                ok = m;
            }
        } else if (*pattern == '\\' && pattern[1]) {
            ok = pattern[1] == *text;
            pattern += 2;
        } else if (*pattern) {
            ok = *pattern++ == *text;
        }
        if (ok) {
            text++;
            continue;
        }
        if (!star)
            return false;
        pattern = star;
        text = ++star_text;
    }
}

static bool has_glob(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\\')
            i++;
        else if (s[i] == '*' || s[i] == '?' || s[i] == '[')
            return true;
    }
    return false;
}

static void add_unescaped(struct shell *sh, struct mem_buf *b, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\\' && i + 1 < n)
            i++;
        buf_putc(&sh->c->mem, &sh->p->mem, b, s[i]);
    }
}

enum { GLOB_MAX = 4096 };

static void glob_in(struct shell *sh, const char *prefix, const char *pattern, struct sh_fields *out, uint32_t depth);

/* `name` in the directory `path` matches; `rest` of the pattern is about what is below. */
static void add_match(struct shell *sh, struct mem_buf *path, const char *name, const char *rest, struct sh_fields *out,
                      uint32_t depth)
{
    size_t keep = path->len;
    buf_puts(&sh->c->mem, &sh->p->mem, path, name);
    if (!*rest)
        sh_fields_add(sh, out, proc_strdup(sh->c, sh->p, buf_str(path)));
    else
        glob_in(sh, buf_str(path), rest, out, depth + 1);
    path->len = keep;
    path->data[keep] = '\0';
}

/* `prefix`: what matched so far, ending in "/" or empty. */
static void glob_in(struct shell *sh, const char *prefix, const char *pattern, struct sh_fields *out, uint32_t depth)
{
    struct cri *c = sh->c;
    struct vcontainer *ct = sh->p->container;
    size_t slashes = strspn(pattern, "/");
    size_t n = strcspn(pattern + slashes, "/");
    const char *name = pattern + slashes, *rest = name + n;
    struct mem_buf path = {0};
    struct vnode *dir = NULL;

    if (depth > VFS_DEPTH_MAX || out->count >= GLOB_MAX)
        return;
    buf_puts(&c->mem, &sh->p->mem, &path, prefix);
    for (size_t i = 0; i < slashes; i++)
        buf_putc(&c->mem, &sh->p->mem, &path, '/');
    if (!has_glob(name, n)) {
        add_unescaped(sh, &path, name, n);
        if (*rest)
            glob_in(sh, buf_str(&path), rest, out, depth + 1);
        else if (vfs_find(c, ct, sh->p->cwd, buf_str(&path), &dir) == VFS_OK)
            sh_fields_add(sh, out, proc_strdup(c, sh->p, buf_str(&path)));
        buf_fini(&c->mem, &path);
        return;
    }
    char *one = mem_strndup(&c->mem, &sh->p->mem, name, n);
    const char *where = path.len ? buf_str(&path) : ".";
    if (vfs_find(c, ct, sh->p->cwd, where, &dir) == VFS_OK && dir->type == VNODE_DIR) {
        static const char *const dots[] = {".", ".."}; /* readdir has them, and glob(3) matches them */
        for (size_t i = 0; i < ARRAY_LEN(dots) && one[0] == '.'; i++)
            if (sh_pattern_match(one, dots[i]))
                add_match(sh, &path, dots[i], rest, out, depth);
        for (struct vnode *e = vfs_first(c, ct, dir); e; e = e->next) {
            if ((e->name[0] == '.' && one[0] != '.') || !sh_pattern_match(one, e->name))
                continue;
            add_match(sh, &path, e->name, rest, out, depth);
        }
    }
    mem_free(&c->mem, one);
    buf_fini(&c->mem, &path);
}

void sh_glob(struct shell *sh, const char *pattern, struct sh_fields *out) { glob_in(sh, "", pattern, out, 0); }
