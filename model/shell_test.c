/* shell_test.c - test, [ and [[, as builtins of the shell and as a program. busybox coreutils/test.c. */
#include <string.h>

#include "model/programs_regex.h"
#include "model/shell.h"

struct test_run {
    struct cri *c;
    struct proc *p;
    const char *name;
    char **argv;
    int argc, at;
    bool dbracket, busybox, error;
    bool dash; /* no ==; what it cannot use, it names by the first word */
    uint32_t depth;
};

static bool test_or(struct test_run *t);

static bool is_debian(const struct test_run *t) { return t->p->container->image->userland == USERLAND_DEBIAN; }

static void test_error(struct test_run *t, const char *what, const char *word)
{
    if (t->error)
        return;
    t->error = true;
    if (word && strcmp(what, "Illegal number") == 0)
        out_printf(t->c, t->p, 2, "%s: %s: %s\n", t->name, what, word);
    else
        out_printf(t->c, t->p, 2, word ? "%s: %s: %s\n" : "%s: %s\n", t->name, word ? word : what, what);
}

static int64_t test_number(struct test_run *t, const char *s)
{
    int64_t v = 0;
    if (parse_int64(s, &v))
        return v;
    const char *digits = s + strspn(s, " \t\n");
    digits += *digits == '-' || *digits == '+';
    bool range = *digits && strspn(digits, "0123456789") == strlen(digits);
    test_error(t,
               is_debian(t) ? "Illegal number"
               : range      ? "out of range"
                            : "bad number",
               *s || is_debian(t) ? s : NULL);
    return 0;
}

static bool test_file(struct test_run *t, char op, const char *path)
{
    struct vfs_place at;
    enum vfs_error e = vfs_lookup(t->c, t->p->container, t->p->cwd, path, op != 'L' && op != 'h', &at);
    if (e != VFS_OK || !at.node)
        return false;
    const struct vnode *n = at.node;
    switch (op) {
    case 'f':
        return n->type == VNODE_FILE;
    case 'd':
        return n->type == VNODE_DIR;
    case 'L':
    case 'h':
        return n->type == VNODE_LINK;
    case 'c':
        return n->type == VNODE_DEVICE;
    case 's': {
        size_t len;
        vfs_content(t->c, t->p->container, at.node, &len);
        return len > 0 || n->type == VNODE_DIR;
    }
    case 'x':
        return n->program || (n->mode & 0111);
    case 'w':
        return !at.read_only;
    case 'b':
    case 'p':
    case 'S':
    case 'u':
    case 'g':
    case 'k':
        return false;
    default: /* e, r, O, G */
        return true;
    }
}

static bool test_unary(struct test_run *t, char op, const char *arg)
{
    if (op == 'z')
        return !*arg;
    if (op == 'n')
        return *arg;
    if (op == 't') {
        int64_t fd = test_number(t, arg);
        return fd >= 0 && fd < PROC_FDS && t->p->fds[fd] && t->p->fds[fd]->kind == OFILE_TTY;
    }
    return test_file(t, op, arg);
}

/* -nt, -ot, -ef; false if either is not there. */
static bool test_files(struct test_run *t, const char *a, char op, const char *b)
{
    struct vnode *x, *y;
    if (vfs_find(t->c, t->p->container, t->p->cwd, a, &x) != VFS_OK ||
        vfs_find(t->c, t->p->container, t->p->cwd, b, &y) != VFS_OK)
        return false;
    return op == 'n' ? x->mtime > y->mtime : op == 'o' ? x->mtime < y->mtime : x == y;
}

static bool is_binary(const struct test_run *t, const char *op)
{
    static const char *const ops[] = {"=",   "==",  "!=",  "<",   ">",   "-eq", "-ne", "-lt",
                                      "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "=~"};
    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        if (strcmp(op, ops[i]) == 0)
            return (strcmp(op, "=~") != 0 || t->dbracket) && (strcmp(op, "==") != 0 || !t->dash);
    return false;
}

/* A regular expression that regcomp would refuse, as far as brackets go. */
static bool is_malformed(const char *pattern)
{
    int depth = 0;
    for (const char *s = pattern; *s; s++) {
        if (*s == '\\' && s[1]) {
            s++;
        } else if (*s == '[') {
            s++;
            s += *s == '^';
            s += *s == ']';
            while (*s && *s != ']')
                s += s[0] == '[' && s[1] == ':' && strstr(s, ":]") ? strstr(s, ":]") - s + 2 : 1;
            if (!*s)
                return true;
        } else {
            depth += (*s == '(') - (*s == ')');
        }
    }
    return depth > 0;
}

static bool test_binary(struct test_run *t, const char *a, const char *op, const char *b)
{
    if (strcmp(op, "=") == 0 || strcmp(op, "==") == 0)
        return t->dbracket ? sh_pattern_match(b, a) : strcmp(a, b) == 0;
    if (strcmp(op, "!=") == 0)
        return t->dbracket ? !sh_pattern_match(b, a) : strcmp(a, b) != 0;
    if (strcmp(op, "=~") == 0) {
        struct regex_match match;
        if (is_malformed(b)) {
            t->error = true;
            return false;
        }
        return regex_search(t->c, b, a, 0, REGEX_EXTENDED, &match);
    }
    if (strcmp(op, "<") == 0)
        return strcmp(a, b) < 0;
    if (strcmp(op, ">") == 0)
        return strcmp(a, b) > 0;
    if (strcmp(op, "-nt") == 0 || strcmp(op, "-ot") == 0 || strcmp(op, "-ef") == 0)
        return test_files(t, a, op[1], b);
    int64_t x = test_number(t, a), y = test_number(t, b);
    switch (op[1] << 8 | op[2]) {
    case 'e' << 8 | 'q':
        return x == y;
    case 'n' << 8 | 'e':
        return x != y;
    case 'l' << 8 | 't':
        return x < y;
    case 'l' << 8 | 'e':
        return x <= y;
    case 'g' << 8 | 't':
        return x > y;
    default:
        return x >= y;
    }
}

static const char *peek(const struct test_run *t, int ahead)
{
    return t->at + ahead < t->argc ? t->argv[t->at + ahead] : NULL;
}

static bool is_word(const char *s, const char *word) { return s && strcmp(s, word) == 0; }

static bool is_unary(const char *s) { return s[0] == '-' && s[1] && !s[2] && strchr("znfdeLhcsxwrbpSugktOG", s[1]); }

static bool test_binary_here(struct test_run *t)
{
    const char *a = peek(t, 0), *op = peek(t, 1), *b = peek(t, 2);
    if (!b) {
        test_error(t, "argument expected", op);
        return false;
    }
    t->at += 3;
    return test_binary(t, a, op, b);
}

/* busybox coreutils/test.c primary; `at` moves behind it. */
static bool test_primary(struct test_run *t)
{
    const char *first = peek(t, 0), *second = peek(t, 1);
    if (!first) {
        test_error(t, "argument expected", NULL);
        return false;
    }
    if (is_word(first, "(")) {
        t->at++;
        bool r = test_or(t);
        if (!is_word(peek(t, 0), ")"))
            test_error(t, "closing paren expected", NULL);
        t->at++;
        return r;
    }
    if (second && peek(t, 2) && is_binary(t, second))
        return test_binary_here(t);
    if (second && is_unary(first)) {
        t->at += 2;
        return test_unary(t, first[1], second);
    }
    if (second && is_binary(t, second))
        return test_binary_here(t);
    t->at++;
    return *first;
}

static bool test_not(struct test_run *t)
{
    bool negated = false;
    while (is_word(peek(t, 0), "!") && t->depth < 50) {
        if (!peek(t, 1)) { /* [ a -a ! ] */
            t->at++;
            return !negated;
        }
        negated = !negated;
        t->at++;
    }
    return test_primary(t) != negated;
}

/* [ ] has -a and -o; the [[ ]] of ash && and ||. */
static bool is_joint(const struct test_run *t, const char *single, const char *two)
{
    return t->dbracket ? is_word(peek(t, 0), two) || (!t->busybox && is_word(peek(t, 0), single))
                       : is_word(peek(t, 0), single);
}

static bool test_and(struct test_run *t)
{
    bool r = test_not(t);
    while (!t->error && is_joint(t, "-a", "&&")) {
        t->at++;
        r = test_not(t) && r;
    }
    return r;
}

static bool test_or(struct test_run *t)
{
    if (++t->depth > 50) {
        test_error(t, "too deep", NULL);
        return false;
    }
    bool r = test_and(t);
    while (!t->error && is_joint(t, "-o", "||")) {
        t->at++;
        bool right = test_and(t);
        r = r || right;
    }
    t->depth--;
    return r;
}

/* POSIX: up to four arguments mean what their number says. 0 or 1, or -1: as an expression. */
static int test_few(struct test_run *t)
{
    bool negated = false;
    for (;; t->at++, negated = !negated) {
        int n = t->argc - t->at;
        char **arg = t->argv + t->at;
        if (n == 0)
            return negated;
        if (n == 1)
            return *arg[0] ? !negated : negated;
        if (n == 3 && is_binary(t, arg[1]))
            return test_binary_here(t) != negated;
        if (n == 4 && is_word(arg[0], "(") && is_word(arg[3], ")")) {
            t->argc--;
            t->at++;
            return test_or(t) != negated;
        }
        if (!is_word(arg[0], "!"))
            break;
    }
    t->at = 0;
    return -1;
}

int test_evaluate(struct cri *c, struct proc *p, const char *name, int argc, char **argv, bool dbracket, bool dash)
{
    struct test_run t = {.c = c, .p = p, .name = name, .argv = argv, .argc = argc, .dbracket = dbracket};
    t.busybox = !is_debian(&t);
    t.dash = dash;
    int few = test_few(&t);
    bool r = few < 0 ? test_or(&t) : few;
    if (!t.error && t.at < t.argc && few < 0)
        test_error(&t, t.busybox ? "unknown operand" : "unexpected operator", t.argv[t.at - (t.dash && t.at > 0)]);
    return t.error ? 2 : !r;
}
