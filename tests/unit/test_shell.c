/* test_shell.c - the shell: syntax trees, scripts with their output and status, and what takes time. */
#include "cri_world.h"
#include "model/shell_parse.h"
#include "shell_posix_rows.h"
#include "tap.h"

/* Output and "[status]\n" of a script in a container of its own. */
static const char *run(struct world *w, const char *image, const char *script, sim_time *ret_end)
{
    uint32_t ct = world_sh(w, image, script);
    world_run(w, 3600 * SIM_SECOND);
    const struct cri_container *p = cri_container(w->cri, ct);
    *ret_end = p->finished_at;
    return arena_printf(sim_arena(w->sim), "%s[%d]\n", world_log(w, ct),
                        p->state == CRI_EXITED ? (int)p->exit_code : -1);
}

static void scripts_do_what_dash_does(void)
{
    for (size_t i = 0; i < ARRAY_LEN(posix_rows); i++) {
        struct world w;
        sim_time end;
        world_init(&w);
        tap_row("%s", posix_rows[i].script);
        CHECK_STR(run(&w, "debian", posix_rows[i].script, &end), posix_rows[i].want);
        world_fini(&w);
    }
}

/* busybox ash 1.35: what the corpus (tests/shell) cannot show, and a few of its messages. */
static void busybox_has_its_own_words(void)
{
    static const struct {
        const char *script, *want;
    } rows[] = {
        {"foo; echo $?", "sh: foo: not found\n127\n[0]\n"},
        {"cat /tmp/healthy", "cat: can't open '/tmp/healthy': No such file or directory\n[1]\n"},
        {"ls /nope", "ls: /nope: No such file or directory\n[1]\n"},
        {"rm /nope; rm -f /nope; echo $?", "rm: can't remove '/nope': No such file or directory\n0\n[0]\n"},
        {"echo x > /no/dir", "sh: can't create /no/dir: nonexistent directory\n[1]\n"},
        {"cat < /nope", "sh: can't open /nope: no such file\n[1]\n"},
        {"cd /nope", "sh: cd: line 0: can't cd to /nope: No such file or directory\n[2]\n"},
        {"mkdir /a/b", "mkdir: can't create directory '/a/b': No such file or directory\n[1]\n"},
        {"if true; then", "sh: syntax error: unexpected end of file (expecting \"fi\")\n[2]\n"},
        {"while true; do echo; fi", "sh: syntax error: unexpected \"fi\" (expecting \"done\")\n[2]\n"},
        {"echo 'abc", "sh: syntax error: unterminated quoted string\n[2]\n"},
        {"echo one\necho (", "one\nsh: syntax error: unexpected end of file (expecting \")\")\n[2]\n"},
        {"echo -e 'a\\tb' -n; echo -n x; echo -E '\\t'", "a\tb -n\nx\\t\n[0]\n"},
        {"echo 'a\\tb'", "a\\tb\n[0]\n"},
        {"echo $((1/0))", "sh: divide by zero\n[2]\n"},
        {"echo $((2**10)) $((i++)) $i $((++i)) $((i--)) $i $((1,2))", "1024 0 1 2 2 1 2\n[0]\n"},
        {"[ a -eq 1 ]", "sh: a: bad number\n[2]\n"},
        {"x=hello; echo ${x/l/L} ${x//l/L} ${x:1:3} ${x: -3}", "heLlo heLLo ell llo\n[0]\n"},
        {"[[ abc == a* && ! -e /nope ]] && echo yes; [[ a = b || a = a ]] && echo or", "yes\nor\n[0]\n"},
        {"function f { echo $'a\\tb'; }; f; echo both &> /tmp/b; cat /tmp/b", "a\tb\nboth\n[0]\n"},
        {"kill -9 $$; sleep 1; sh -c 'kill -9 $$'; echo $?",
         "Killed\n137\n[0]\n"}, /* PID 1 does not hear its own SIGKILL */
        {"let x=3*4; echo $x; source /dev/null; echo $?", "12\n0\n[0]\n"},
        {"date; date +%F_%T; date -d @0 +%s; date -u +%a",
         "Tue Jan  2 03:04:05 UTC 2024\n2024-01-02_03:04:05\n0\nTue\n[0]\n"},
        {"hostname; hostname -i; id -u; whoami; uname", "pod\n10.244.1.5\n0\nroot\nLinux\n[0]\n"},
        {"sort -n <<E\n10\n9\n2\nE\nprintf 'a b\\nc d\\n' | sed -n '2s/c/X/p'", "2\n9\n10\nX d\n[0]\n"},
        {"seq 3 | xargs echo; seq 2 | while read i; do echo \"<$i>\"; done", "1 2 3\n<1>\n<2>\n[0]\n"},
        {"type sh; command -v ls; which wget", "sh is /bin/sh\n/bin/ls\n/bin/wget\n[0]\n"},
        {"cat /etc/hostname /proc/1/comm; cat /var/run/secrets/kubernetes.io/serviceaccount/namespace",
         "pod\nsh\ndefault[0]\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        sim_time end;
        world_init(&w);
        tap_row("%s", rows[i].script);
        CHECK_STR(run(&w, "busybox", rows[i].script, &end), rows[i].want);
        world_fini(&w);
    }
}

static void time_passes_only_while_something_waits(void)
{
    static const struct {
        const char *script, *want;
        int64_t end_ms;
    } rows[] = {
        {"echo a; sleep 2; echo b", "a\nb\n[0]\n", 2000},
        {"sleep 0.25; sleep 1m; sleep 1 2 3", "[0]\n", 66250},
        {"sleep 5 & sleep 2; echo two; wait; echo five", "two\nfive\n[0]\n", 5000},
        {"(sleep 3; exit 4) & p=$!; (sleep 1; exit 2) & wait $!; echo $?; wait $p; echo $?", "2\n4\n[0]\n", 3000},
        {"sleep 1 | sleep 3; echo $?", "0\n[0]\n", 3000},
        {"x=$(sleep 2; echo slow); echo $x", "slow\n[0]\n", 2000},
        {"timeout 2 sleep 10; echo $?", "Terminated\n143\n[0]\n", 2000},
        {"timeout 5 sleep 1; echo $?", "0\n[0]\n", 1000},
        {"read -t 3 x; echo $?", "1\n[0]\n", 0}, /* standard input is /dev/null */
        {"i=0; while [ $i -lt 4 ]; do i=$((i+1)); sleep 0.5; done; date +%S", "07\n[0]\n", 2000},
        {"trap 'echo got; exit 3' TERM; (sleep 2; kill -TERM $$) & sleep 5; echo no", "got\n[3]\n", 5000},
        {"trap 'echo got; exit 3' TERM; (sleep 2; kill -TERM $$) & sleep 5 & wait; echo no", "got\n[3]\n", 2000},
        {"trap 'echo usr' USR1; (sleep 1; kill -USR1 $$) & sleep 3 & wait $!; echo $?; wait; echo end",
         "usr\n138\nend\n[0]\n", 3000},
        {"tail -f /tmp/log & echo a > /tmp/log; sleep 1.5; echo b >> /tmp/log; sleep 2; kill $!; wait", "a\nb\n[0]\n",
         3500},
        {"{ sleep 1; echo x; sleep 1; } | while read l; do date +%S; done", "06\n[0]\n", 2000},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        sim_time end;
        world_init(&w);
        tap_row("%s", rows[i].script);
        CHECK_STR(run(&w, "busybox", rows[i].script, &end), rows[i].want);
        CHECK_INT(end / SIM_MS, rows[i].end_ms);
        world_fini(&w);
    }
}

/* ---- the tree ---- */

static void a_syntax_error_keeps_the_lines_before_it(void)
{
    struct arena a;
    arena_init(&a, 0);
    const char *text = "echo a\necho b; echo c\nif x\nfi";
    const struct sh_script *s = sh_parse(&a, text, strlen(text), DIALECT_BUSYBOX);
    CHECK(s->failed);
    CHECK_UINT(s->count, 2);
    CHECK_UINT(s->error_line, 4);
    CHECK_STR(s->found, "\"fi\"");
    CHECK_STR(s->expecting, "\"then\"");
    CHECK_UINT(s->error_offset, strlen("echo a\necho b; echo c\nif x\n"));
    arena_fini(&a);
}

static void words_know_their_parts(void)
{
    struct arena a;
    arena_init(&a, 0);
    const char *text = "x=1 cmd a\"b $c\"'d' ${e:-f} $((g+1)) > out <<X\nbody\nX";
    const struct sh_script *s = sh_parse(&a, text, strlen(text), DIALECT_BUSYBOX);
    CHECK(!s->failed);
    if (!CHECK_UINT(s->count, 1))
        return;
    const struct sh_node *n = s->commands[0];
    CHECK_UINT(n->kind, NODE_SIMPLE);
    CHECK_UINT(n->assign_count, 1);
    CHECK_UINT(n->count, 4);
    CHECK_UINT(n->redir_count, 2);
    const struct sh_word *word = n->words[1];
    CHECK_UINT(word->count, 4); /* a, "b ", $c, 'd' */
    CHECK_UINT(word->parts[2].kind, PART_PARAM);
    CHECK(word->parts[2].quoted);
    CHECK_UINT(word->offset, 8);
    CHECK_UINT(n->words[2]->parts[0].op, PARAM_DEFAULT);
    CHECK(n->words[2]->parts[0].colon);
    CHECK_UINT(n->words[3]->parts[0].kind, PART_ARITH);
    CHECK_STR(n->redirs[1].word->parts[0].text, "body\n");
    arena_fini(&a);
}

static void nesting_is_limited(void)
{
    struct arena a;
    arena_init(&a, 0);
    static char text[3000];
    for (size_t i = 0; i + 1 < sizeof text; i++)
        text[i] = i % 2 ? '(' : '$';
    const struct sh_script *s = sh_parse(&a, text, sizeof text - 1, DIALECT_BUSYBOX);
    CHECK(s->failed);
    memset(text, '(', sizeof text - 1);
    s = sh_parse(&a, text, sizeof text - 1, DIALECT_BUSYBOX);
    CHECK(s->failed);
    CHECK_STR(s->error, "nested too deeply");
    arena_fini(&a);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(scripts_do_what_dash_does),
        TAP_TEST(busybox_has_its_own_words),
        TAP_TEST(time_passes_only_while_something_waits),
        TAP_TEST(a_syntax_error_keeps_the_lines_before_it),
        TAP_TEST(words_know_their_parts),
        TAP_TEST(nesting_is_limited),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
