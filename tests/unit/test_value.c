/* test_value.c - YAML and JSON as kubectl reads them, with positions. */
#include "model/apitype.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

static struct arena arena;
static struct diag_set diags;
static struct document_list docs;
static struct strbuf out;

static int parse_bytes(const char *text, size_t len)
{
    arena_reset(&arena);
    diag_fini(&diags);
    diag_init(&diags);
    strbuf_reset(&out);
    return value_parse(&arena, &diags, "t.yaml", text, len, &docs);
}

static int parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

/* All documents as JSON on one line, separated by blanks; then the diagnostics' first lines. */
static const char *shown(void)
{
    for (uint32_t i = 0; i < docs.count; i++) {
        if (i)
            strbuf_putc(&out, ' ');
        value_write_json(docs.items[i].root, &out, 0);
    }
    return strbuf_str(&out);
}

static const char *errors(void)
{
    strbuf_reset(&out);
    diag_print(&diags, &out, 0);
    return strbuf_str(&out);
}

static void scalars_mean_what_kubectl_makes_of_them(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"a: yes", "{\"a\":true}"},
        {"a: [y, On, TRUE, no, n, Off, False]", "{\"a\":[true,true,true,false,false,false,false]}"},
        {"a: [tRue, YEs, nO, 'yes', \"no\"]", "{\"a\":[\"tRue\",\"YEs\",\"nO\",\"yes\",\"no\"]}"},
        {"a: [~, null, Null, NULL, ]", "{\"a\":[null,null,null,null]}"},
        {"a:", "{\"a\":null}"},
        {"a: [0777, 0o777, 0x1F, 0b101, 1_000, -0x10, +5]", "{\"a\":[511,511,31,5,1000,-16,5]}"},
        {"a: [089, 1.0, 1e3, 1.5e1, 100e-2]", "{\"a\":[89,1,1000,15,1]}"},
        {"a: [.5, 1.25, -1.5e-3, 1.]", "{\"a\":[0.5,1.25,-1.5e-3,1]}"},
        {"a: [9223372036854775807, -9223372036854775808, 9223372036854775808]",
         "{\"a\":[9223372036854775807,-9223372036854775808,9223372036854775808]}"},
        {"a: [0o9, 0x, 1e, -, +, ., 1:30, 1.2.3, 0b2]",
         "{\"a\":[\"0o9\",\"0x\",\"1e\",\"-\",\"+\",\".\",\"1:30\",\"1.2.3\",\"0b2\"]}"},
        {"a: 2024-01-02", "{\"a\":\"2024-01-02\"}"},
        {"a: 2024-01-02T03:04:05Z", "{\"a\":\"2024-01-02T03:04:05Z\"}"},
        {"a: [!!str 5, !!int \"5\", !!bool \"yes\", !!float 1, !local x, ! 7]",
         "{\"a\":[\"5\",5,true,1,\"x\",\"7\"]}"},
        {"a: !!binary aGVsbG8=", "{\"a\":\"hello\"}"},
        {"on: 1\n2: b\ntrue : c", NULL},
        {"5: a\nx: b", "{\"5\":\"a\",\"x\":\"b\"}"},
        {"{a: b, c: [d, e]}", "{\"a\":\"b\",\"c\":[\"d\",\"e\"]}"},
        {"a: \"\\x41\\u00e9\\U0001F600\\n\\t\\/\"", "{\"a\":\"A\xc3\xa9\xf0\x9f\x98\x80\\n\\t/\"}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].text);
        int result = parse(rows[i].text);
        CHECK_INT(result, rows[i].want ? 0 : -1);
        if (rows[i].want)
            CHECK_STR(shown(), rows[i].want);
    }
}

static void block_scalars_are_kept_exactly(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"a: |\n  i=0;\n    while true;\n  do\n", "{\"a\":\"i=0;\\n  while true;\\ndo\\n\"}"},
        {"a: |-\n  x\n\n\n", "{\"a\":\"x\"}"},
        {"a: |+\n  x\n\n\n", "{\"a\":\"x\\n\\n\\n\"}"},
        {"a: |2\n   x\n  y\n", "{\"a\":\" x\\ny\\n\"}"},
        {"a: >\n  i=0;\n  while true;\n  do\n    echo \"$i\" >> /l;\n    sleep 1;\n  done\n",
         "{\"a\":\"i=0; while true; do\\n  echo \\\"$i\\\" \\u003e\\u003e /l;\\n  sleep 1;\\ndone\\n\"}"},
        {"a: >-\n  one\n\n  two\n  three\n", "{\"a\":\"one\\ntwo three\"}"},
        {"a: |\r\n  x\r\n  y\r\n", "{\"a\":\"x\\ny\\n\"}"},
        {"a: |\n  x: ${Y} # no comment\n  \tz\n", "{\"a\":\"x: ${Y} # no comment\\n\\tz\\n\"}"},
        {"a: x\n  y\n\n  z\n", "{\"a\":\"x y\\nz\"}"},
        {"a: 'it''s\n  two'\n", "{\"a\":\"it's two\"}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].text);
        CHECK_INT(parse(rows[i].text), 0);
        CHECK_STR(shown(), rows[i].want);
    }
}

static void several_documents_in_a_file(void)
{
    CHECK_INT(parse("# only a comment\n---\n---\na: 1\n...\n---\n# empty\n--- {b: 2}\n--- |\n  text\n"), 0);
    CHECK_STR(shown(), "{\"a\":1} {\"b\":2} \"text\\n\"");
    CHECK_INT(parse("%YAML 1.1\n---\na: 1\n"), 0);
    CHECK_STR(shown(), "{\"a\":1}");
    CHECK_INT(parse("a: [\n---\nb: 2\n---\nc: }\n---\nd: 4\n"), -1);
    CHECK_STR(shown(), "{\"b\":2} {\"d\":4}");
    CHECK_UINT(diags.error_count, 2);
    CHECK_INT(parse(""), 0);
    CHECK_UINT(docs.count, 0);
    CHECK_INT(parse("\n\n# nothing\n"), 0);
    CHECK_UINT(docs.count, 0);
}

static void positions_count_characters_from_one(void)
{
    parse("\xef\xbb\xbf# \xc3\xbc\r\n\xc3\xa4: 1\r\nb: [\xc3\xb6, \"x y\"]\r\n");
    const struct value *root = docs.items[0].root, *b = value_get(root, "b");
    CHECK_UINT(root->at.line, 2);
    CHECK_UINT(root->entries[0].key_at.column, 1);
    CHECK_UINT(root->entries[0].value->at.column, 4);
    CHECK_UINT(b->items[0]->at.line, 3);
    CHECK_UINT(b->items[0]->at.column, 5);
    CHECK_UINT(b->items[1]->at.column, 8);
    CHECK_UINT(b->items[1]->at.length, 5);
    parse("---\na: 1\n---\nb: &x !!str 2\n");
    CHECK_UINT(value_get(docs.items[1].root, "b")->at.line, 4);
    CHECK_UINT(value_get(docs.items[1].root, "b")->at.column, 13);
}

static void anchors_and_merge_keys(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"a: &x {p: 1, q: 2}\nb: *x", "{\"a\":{\"p\":1,\"q\":2},\"b\":{\"p\":1,\"q\":2}}"},
        {"a: &x {p: 1, q: 2}\nb:\n  q: 3\n  <<: *x", "{\"a\":{\"p\":1,\"q\":2},\"b\":{\"p\":1,\"q\":3}}"},
        {"b:\n  <<: [{p: 1}, {p: 2, q: 3}]\n  r: 4", "{\"b\":{\"p\":1,\"q\":3,\"r\":4}}"},
        {"a: &x {p: 1}\nb: &y {<<: *x, q: 2}\nc: {<<: *y}",
         "{\"a\":{\"p\":1},\"b\":{\"p\":1,\"q\":2},\"c\":{\"p\":1,\"q\":2}}"},
        {"'<<': 1", "{\"\\u003c\\u003c\":1}"},
        {"a: &x 1\nb: &x 2\nc: *x", "{\"a\":1,\"b\":2,\"c\":2}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].text);
        CHECK_INT(parse(rows[i].text), 0);
        CHECK_STR(shown(), rows[i].want);
    }
    CHECK_INT(parse("a: &x [*x]"), -1);
    CHECK_CONTAINS(errors(), "t.yaml:1:8: error[PS101]: anchor 'x' value contains itself");
    CHECK_INT(parse("a: &x 1\n---\nb: *x"), -1); /* anchors end with their document */
    parse("a: &x {p: 1}\nb: *x");
    const struct value *b = value_get(docs.items[0].root, "b");
    CHECK_UINT(b->alias_at.line, 2);
    CHECK_UINT(b->at.line, 1);
}

static void json_is_read_strictly(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"{\t\"a\"\t:\t[1, -2.5e3, true, null, \"x\\/\\u00e9\\ud83d\\ude00\\n\"]}\n",
         "{\"a\":[1,-2.5e3,true,null,\"x/\xc3\xa9\xf0\x9f\x98\x80\\n\"]}"},
        {"{\"a\": 1}{\"b\": 2}\n{\"c\": 3}", "{\"a\":1} {\"b\":2} {\"c\":3}"},
        {"{\"a\": 1}\n---\n{\"b\": 2}\n", "{\"a\":1} {\"b\":2}"},
        {"[{\"a\": []}, {}]", "[{\"a\":[]},{}]"},
        {"{\"a\": \"\\ud83d\"}", "{\"a\":\"\xef\xbf\xbd\"}"},
        {"{\"a\": 9223372036854775808}", "{\"a\":9223372036854775808}"},
        {"{\"a\": yes}", "{\"a\":true}"}, /* no JSON, but YAML */
        {"{a: b}", "{\"a\":\"b\"}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].text);
        CHECK_INT(parse(rows[i].text), 0);
        CHECK_STR(shown(), rows[i].want);
    }
    CHECK_INT(parse("{\"a\": 1, \"a\": 2}"), -1);
    CHECK_CONTAINS(errors(), "t.yaml:1:10: error[PS107]: key \"a\" already set in map");
    CHECK_CONTAINS(errors(), "t.yaml:1:2: note: \"a\" is first set here");
    CHECK_INT(parse("{\"a\": \"\\u0000\"}"), -1);
    CHECK_INT(parse("{\"a\": \"x"), -1);
}

static void limits_are_errors_that_name_them(void)
{
    size_t len = 4 << 20;
    char *text = malloc(len + 16);
    memset(text, 'x', len);
    memcpy(text, "a: ", 3);
    CHECK_INT(parse_bytes(text, len), -1);
    CHECK_CONTAINS(errors(), "is too long: want at most 3145728");
    memset(text, '[', 3000);
    CHECK_INT(parse_bytes(text, 3000), -1);
    CHECK_CONTAINS(errors(), "nested too deeply: want at most 100 levels");
    for (size_t i = 0; i < 3000; i += 2)
        memcpy(text + i, "- ", 2);
    CHECK_INT(parse_bytes(text, 3000), -1);
    CHECK_CONTAINS(errors(), "nested too deeply");
    free(text);
}

/* ---- value_pos_at ---- */

/* Byte of the source at a position. */
static const char *source_at(const char *text, struct src_pos at)
{
    uint32_t line = 1, column = 1;
    for (; *text; text++) {
        if (line == at.line && column == at.column)
            return text;
        if (*text == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text[1] & 0xc0) != 0x80) {
            column++;
        }
    }
    return text;
}

/* Every character of the text that is no blank stands in the source where value_pos_at says. */
static void text_leads_back_to_its_source(void)
{
    static const char *const rows[] = {
        "a: plain text here # comment\n",
        "a:   b  c\n",
        "a: plain\n   over\n\n   lines\n",
        "a: 'single quoted'\n",
        "a: 'it''s 'x: y\n",
        "a: 'two\n  lines   \n\n  here'\n",
        "a: \"double quoted\"\n",
        "a: \"two\n  lines   \n\n  here\"\n",
        "a: \"joined \\\n   here\"\n",
        "a: |\n  first\n    second\n\n  third\n",
        "a: |-\n    deep\n    er\n",
        "a: |2\n    own blanks\n  second\n",
        "a: |\n\n\n  after empty lines\n",
        "a:\n- |\n  in a list\n  more\n",
        "a: |\r\n  first\r\n    second\r\n\r\n  third\r\n",
        "a: >\n  first\n  second\n\n  third\n    indented\n    more\n  back\n\n\n  last\n",
        "a: >-\n   i=0;\n   while true;\n   do\n     echo x;\n\n     sleep 1;\n   done\n",
        "a: &anchor !!str plain\n",
        "\xc3\xa4: |\n  \xc3\xb6l & \xc3\xbc\n  z\n",
        "{\"a\": \"json text\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i]);
        if (parse(rows[i]) != 0)
            continue; /* rows with a deliberate mistake */
        const struct value *v = docs.items[0].root->entries[0].value;
        if (v->type == VALUE_LIST)
            v = v->items[0];
        for (size_t k = 0; v->text[k]; k++) {
            if (strchr(" \n", v->text[k]) || ((unsigned char)v->text[k] & 0xc0) == 0x80)
                continue;
            const char *source = source_at(rows[i], value_pos_at(v, &diags, k));
            if (*source != v->text[k]) {
                CHECK_STR(source, v->text + k);
                break;
            }
        }
    }
}

static void escapes_are_one_character_each(void)
{
    parse("a: \"x\\ty\\u00e9z\\\"w\"\n");
    const struct value *v = docs.items[0].root->entries[0].value;
    static const struct {
        size_t offset;
        uint32_t column;
    } rows[] = {{0, 5}, {1, 6}, {2, 8}, {3, 9}, {5, 15}, {6, 16}, {7, 18}, {8, 19}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%zu", rows[i].offset);
        CHECK_UINT(value_pos_at(v, &diags, rows[i].offset).column, rows[i].column);
    }
}

/* ---- output ---- */

static void yaml_quotes_what_would_be_read_as_something_else(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"True", "\"True\""},
        {"", "\"\""},
        {"1", "\"1\""},
        {"y", "\"y\""},
        {"null", "\"null\""},
        {"~", "\"~\""},
        {"1e3", "\"1e3\""},
        {"0x1F", "\"0x1F\""},
        {"1:30", "\"1:30\""},
        {"plain", "plain"},
        {"a: b", "'a: b'"},
        {"a:b", "a:b"},
        {"- a", "'- a'"},
        {"-", "'-'"},
        {"#x", "'#x'"},
        {"a #b", "'a #b'"},
        {"a#b", "a#b"},
        {"*a", "'*a'"},
        {"it's", "it's"},
        {"'it's'", "'''it''s'''"},
        {"[a", "'[a'"},
        {" a", "' a'"},
        {"a ", "'a '"},
        {"a\tb", "\"a\\tb\""},
        {"2024-01-02", "\"2024-01-02\""},
        {"2024-01-02T03:04:05Z", "\"2024-01-02T03:04:05Z\""},
        {"1.2.3", "1.2.3"},
        {"@x", "'@x'"},
        {"%x", "'%x'"},
        {"x%", "x%"},
        {"---", "'---'"},
        {"a\nb", "|-\n  a\n  b"},
        {"a\n", "|\n  a"},
        {"a\n\n", "|+\n  a\n"},
        {" a\nb", "|2-\n   a\n  b"},
        {"a \nb", "\"a \\nb\""},
        {"\xc3\xa9", "\xc3\xa9"},
        {"\x07", "\"\\a\""},
        {"=", "="},
        {"\xe2\x80\xa8x", "\"\\Lx\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].text);
        strbuf_reset(&out);
        struct value text = {.type = VALUE_STRING, .text = rows[i].text};
        struct value_entry entry = {.key = "k", .value = &text};
        struct value map = {.type = VALUE_MAP, .count = 1, .entries = &entry};
        value_write_yaml(&map, &out, 0);
        struct strbuf want = STRBUF_INIT;
        strbuf_printf(&want, "k: %s\n", rows[i].want);
        CHECK_STR(strbuf_str(&out), strbuf_str(&want));
        char *yaml = strdup(strbuf_str(&out));
        if (CHECK_INT(parse(yaml), 0))
            CHECK_STR(value_get(docs.items[0].root, "k")->text, rows[i].text);
        free(yaml);
        strbuf_fini(&want);
    }
}

static void yaml_sorts_keys_naturally_and_json_by_bytes(void)
{
    parse("{a10: 1, a9: 2, B: 3, b: 4, a-b: 5, ab: 6, a.c: 7, '1': 8}");
    value_write_yaml(docs.items[0].root, &out, 2);
    CHECK_STR(strbuf_str(&out),
              "  \"1\": 8\n  B: 3\n  a-b: 5\n  a.c: 7\n  a9: 2\n  a10: 1\n  ab: 6\n  b: 4\n");
    strbuf_reset(&out);
    value_write_json(docs.items[0].root, &out, 0);
    CHECK_STR(strbuf_str(&out), "{\"1\":8,\"B\":3,\"a-b\":5,\"a.c\":7,\"a10\":1,\"a9\":2,\"ab\":6,\"b\":4}");
}

static void base64_round_trip(void)
{
    static const char *const texts[] = {"", "a", "ab", "abc", "abcd", "hello, world\n", "\xff\xfe\x01"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        size_t len;
        char *coded = value_base64_encode(&arena, texts[i], strlen(texts[i]));
        CHECK_STR(value_base64_decode(&arena, coded, &len), texts[i]);
        CHECK_UINT(len, strlen(texts[i]));
    }
    static const char *const wrong[] = {"a", "ab", "abc", "ab=c", "a===", "ab cd", "@@@@", "abcd="};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        size_t len;
        tap_row("%s", wrong[i]);
        CHECK_STR(value_base64_decode(&arena, wrong[i], &len), NULL);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(scalars_mean_what_kubectl_makes_of_them),
        TAP_TEST(block_scalars_are_kept_exactly),
        TAP_TEST(several_documents_in_a_file),
        TAP_TEST(positions_count_characters_from_one),
        TAP_TEST(anchors_and_merge_keys),
        TAP_TEST(json_is_read_strictly),
        TAP_TEST(limits_are_errors_that_name_them),
        TAP_TEST(text_leads_back_to_its_source),
        TAP_TEST(escapes_are_one_character_each),
        TAP_TEST(yaml_quotes_what_would_be_read_as_something_else),
        TAP_TEST(yaml_sorts_keys_naturally_and_json_by_bytes),
        TAP_TEST(base64_round_trip),
    };
    arena_init(&arena, 0);
    diag_init(&diags);
    int failed = tap_run(tests, ARRAY_LEN(tests));
    strbuf_fini(&out);
    diag_fini(&diags);
    arena_fini(&arena);
    return failed;
}
