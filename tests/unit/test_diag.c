/* test_diag.c - how diagnostics are collected, ordered and shown. */
#include "model/diag.h"
#include "tests/unit/tap.h"

static struct diag_set diags;
static struct strbuf out;

static uint32_t begin(const char *text)
{
    diag_init(&diags);
    out = (struct strbuf)STRBUF_INIT;
    return diag_add_file(&diags, "web.yaml", text, strlen(text));
}

static void end(void)
{
    strbuf_fini(&out);
    diag_fini(&diags);
}

static void an_error_shows_its_line_and_a_caret(void)
{
    uint32_t f = begin("a: 1\n  terminationGracePeriodSeconds: -5\n");
    CHECK_INT(diag_error_suggest(&diags, (struct src_pos){f, 2, 34, 2}, "did you mean \"5\"?", "want >= 0, got %d", -5),
              -1);
    diag_print(&diags, &out, 0);
    CHECK_STR(strbuf_str(&out), "web.yaml:2:34: error[PS105]: want >= 0, got -5\n"
                                "    2 |   terminationGracePeriodSeconds: -5\n"
                                "      |                                  ^~\n"
                                "      = help: did you mean \"5\"?\n");
    CHECK_UINT(diags.error_count, 1);
    end();
}

static void output_is_sorted_and_notes_follow_their_error(void)
{
    uint32_t f = begin("one\ntwo\nthree\n");
    diag_error(&diags, (struct src_pos){f, 3, 1, 0}, "third");
    diag_note(&diags, (struct src_pos){f, 1, 1, 0}, "note of third");
    diag_report(&diags, CODE_NEVER, (struct src_pos){f, 2, 1, 0}, NULL, "second");
    diag_error(&diags, (struct src_pos){f, 0, 0, 0}, "whole file");
    diag_print(&diags, &out, 0);
    CHECK_STR(strbuf_str(&out), "web.yaml: error[PS105]: whole file\n"
                                "web.yaml:2:1: warning[PS202]: second\n    2 | two\n      | ^\n"
                                "web.yaml:3:1: error[PS105]: third\n    3 | three\n      | ^\n"
                                "web.yaml:1:1: note: note of third\n    1 | one\n      | ^\n");
    CHECK_UINT(diags.warning_count, 1);
    end();
}

static void repetitions_are_said_once_and_the_rest_is_counted(void)
{
    uint32_t f = begin("x\ny\nz\n");
    for (uint32_t i = 0; i < 6; i++)
        diag_error(&diags, (struct src_pos){f, i / 2 + 1, 1, 0}, "wrong");
    diag_print(&diags, &out, 2);
    CHECK_STR(strbuf_str(&out), "web.yaml:1:1: error[PS105]: wrong\n    1 | x\n      | ^\n"
                                "web.yaml:2:1: error[PS105]: wrong\n    2 | y\n      | ^\n"
                                "... and 1 more\n");
    end();
}

static void a_full_set_only_counts(void)
{
    uint32_t f = begin("x\n");
    for (uint32_t i = 0; i < 10005; i++)
        diag_error(&diags, (struct src_pos){f, 1, 1, 0}, "wrong %u", i);
    diag_note(&diags, (struct src_pos){f, 1, 1, 0}, "belongs to one that was left out");
    CHECK_UINT(diags.error_count, 10005);
    CHECK_UINT(diags.diags.count, 10000);
    diag_print(&diags, &out, 1);
    CHECK_STR(strbuf_str(&out), "web.yaml:1:1: error[PS105]: wrong 0\n    1 | x\n      | ^\n... and 10004 more\n");
    end();
}

static void tabs_and_characters_take_one_column(void)
{
    uint32_t f = begin("\t\xc3\xa9\x01: x\r\n");
    diag_error(&diags, (struct src_pos){f, 1, 6, 1}, "here");
    diag_print(&diags, &out, 0);
    CHECK_STR(strbuf_str(&out), "web.yaml:1:6: error[PS105]: here\n    1 |  \xc3\xa9?: x\n      |      ^\n");
    end();
}

static void long_lines_are_cut_around_the_caret(void)
{
    char line[400];
    memset(line, 'a', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    line[200] = 'X';
    uint32_t f = begin(line);
    diag_error(&diags, (struct src_pos){f, 1, 201, 1}, "here");
    diag_print(&diags, &out, 0);
    const char *caret = strstr(strbuf_str(&out), "| ...");
    CHECK(caret != NULL);
    const char *x = strchr(strbuf_str(&out), 'X'), *mark = strchr(strbuf_str(&out), '^');
    CHECK(x && mark);
    const char *x_line = x, *mark_line = mark;
    while (x_line[-1] != '\n')
        x_line--;
    while (mark_line[-1] != '\n')
        mark_line--;
    CHECK_INT(x - x_line, mark - mark_line);
    end();
}

static void what_has_no_file_is_shown_without_a_place(void)
{
    begin("");
    diag_error(&diags, SRC_POS_NONE, "no such node");
    diag_print(&diags, &out, 0);
    CHECK_STR(strbuf_str(&out), "error[PS105]: no such node\n");
    end();
}

static void similar_words_are_found(void)
{
    static const char *const words[] = {"periodSeconds", "timeoutSeconds", "exec", "httpGet", "tcpSocket", "Pod"};
    static const struct {
        const char *word, *want;
    } rows[] = {
        {"periodSecond", "periodSeconds"},
        {"PeriodSeconds", "periodSeconds"},
        {"timoutSeconds", "timeoutSeconds"},
        {"exce", "exec"},
        {"httpget", "httpGet"},
        {"tcpsocket", "tcpSocket"},
        {"pod", "Pod"},
        {"volumes", NULL},
        {"", NULL},
        {"x", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].word);
        CHECK_STR(diag_closest(rows[i].word, words, ARRAY_LEN(words)), rows[i].want);
    }
}

static void machines_read_one_object_per_line(void)
{
    uint32_t f = begin("a: \"x\"\n");
    diag_report(&diags, CODE_FIELD, (struct src_pos){f, 1, 4, 3}, "did you mean \"b\"?", "unknown field \"a\"");
    diag_note(&diags, (struct src_pos){f, 1, 1, 0}, "here");
    diag_note(&diags, SRC_POS_NONE, "and nowhere");
    diag_report(&diags, CODE_FILE, SRC_POS_NONE, NULL, "cannot read");
    diag_report(&diags, CODE_FILE, SRC_POS_NONE, NULL, "cannot write");
    diag_write(&diags, &(struct diag_style){.json = true, .cap = 2}, &out);
    CHECK_STR(strbuf_str(&out),
              "{\"file\":\"web.yaml\",\"line\":1,\"column\":4,\"endColumn\":7,\"level\":\"error\",\"code\":\"PS102\","
              "\"class\":\"unknown-field\",\"message\":\"unknown field \\\"a\\\"\",\"suggestion\":\"did you mean "
              "\\\"b\\\"?\","
              "\"notes\":[{\"file\":\"web.yaml\",\"line\":1,\"column\":1,\"endColumn\":2,\"message\":\"here\"},"
              "{\"message\":\"and nowhere\"}]}\n"
              "{\"level\":\"error\",\"code\":\"PS100\",\"class\":\"file\",\"message\":\"cannot read\",\"notes\":[]}\n"
              "{\"more\":1}\n");
    end();
}

static void warnings_are_shown_or_not_or_are_errors(void)
{
    begin("");
    diag_report(&diags, CODE_NEVER, SRC_POS_NONE, NULL, "one");
    diag_note(&diags, SRC_POS_NONE, "with a note");
    diag_write(&diags, &(struct diag_style){.quiet = true}, &out);
    CHECK_STR(strbuf_str(&out), "");
    CHECK_UINT(diags.error_count, 0);
    diags.strict = true;
    diag_report(&diags, CODE_NEVER, SRC_POS_NONE, NULL, "two");
    diag_write(&diags, &(struct diag_style){.quiet = true}, &out);
    CHECK_STR(strbuf_str(&out), "error[PS202]: two\n");
    CHECK_UINT(diags.error_count, 1);
    CHECK_UINT(diags.warning_count, 1);
    end();
}

static void colours_surround_what_they_are_for(void)
{
    uint32_t f = begin("x\n");
    diag_error(&diags, (struct src_pos){f, 1, 1, 0}, "wrong");
    diag_write(&diags, &(struct diag_style){.color = true}, &out);
    CHECK_STR(strbuf_str(&out), "\033[1mweb.yaml:1:1: \033[1;31merror[PS105]\033[0m: wrong\n"
                                "    1 | x\n      | \033[1;32m^\033[0m\n");
    end();
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(an_error_shows_its_line_and_a_caret),
        TAP_TEST(output_is_sorted_and_notes_follow_their_error),
        TAP_TEST(repetitions_are_said_once_and_the_rest_is_counted),
        TAP_TEST(a_full_set_only_counts),
        TAP_TEST(tabs_and_characters_take_one_column),
        TAP_TEST(long_lines_are_cut_around_the_caret),
        TAP_TEST(what_has_no_file_is_shown_without_a_place),
        TAP_TEST(machines_read_one_object_per_line),
        TAP_TEST(warnings_are_shown_or_not_or_are_errors),
        TAP_TEST(colours_surround_what_they_are_for),
        TAP_TEST(similar_words_are_found),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
