/* test_apitype.c - the table machinery, on a small type of its own: decoding, defaults, output,
 * comparison, copies, schema.
 */
#include "model/api_table.h"
#include "model/api_types.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

/* ---- a type with a field of every kind ---- */

struct leaf {
    const char *name;
    int64_t size;
    sim_time wait;
};
struct tree {
    const char *kind, *colour, *empty_counts;
    bool flag;
    struct opt_bool maybe;
    int64_t small, large;
    struct opt_i64 opt_small, opt_large;
    struct int_or_string port;
    struct quantity amount;
    sim_time at, precise, period, delay;
    struct leaf inner, *outer;
    LIST_OF(struct leaf) leaves;
    str_list words;
    int_list numbers;
    str_map labels, secrets;
    quantity_map amounts;
    const struct value *raw, *shared;
};

static const char *const colours[] = {"blue", "green", "red", NULL};

#define OWNER struct leaf
static const struct api_field leaf_fields[] = {
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_IDENTITY | FIELD_REQUIRED, "Name."),
    F(INT32, "size", size, 0, "Size."),
    F(DURATION, "wait", wait, 0, "Wait."),
};
#undef OWNER
static API_TYPE(leaf, "Leaf", struct leaf, NULL, NULL, "A leaf.");

static void tree_validate(struct check *c, const void *object)
{
    const struct tree *t = object;
    if (t->small > t->large && t->large)
        check_invalid_int(AT(c, "small"), t->small, "must not be greater than large");
    for (uint32_t i = 0; i < t->leaves.count; i++)
        check_not_negative(AT(AT_ITEM(AT(c, "leaves"), i), "size"), t->leaves.items[i].size);
}

#define OWNER struct tree
static const struct api_field tree_fields[] = {
    F(STRING, "kind", kind, 0, "Kind."),
    FE("colour", colour, 0, colours, "red", "Colour."),
    F(STRING, "emptyCounts", empty_counts, FIELD_KEEP_EMPTY, "Empty."),
    F(BOOL, "flag", flag, FIELD_ALWAYS, "Flag."),
    F(OPT_BOOL, "maybe", maybe, 0, "Maybe."),
    FD(INT32, "small", small, "3", "Small."),
    F(INT64, "large", large, 0, "Large."),
    F(OPT_INT32, "optSmall", opt_small, 0, "Optional."),
    FD(OPT_INT64, "optLarge", opt_large, "-1", "Optional."),
    F(INT_OR_STRING, "port", port, 0, "Port."),
    F(QUANTITY, "amount", amount, 0, "Amount."),
    F(TIME, "at", at, FIELD_READONLY, "When."),
    F(MICRO_TIME, "precise", precise, 0, "When, precisely."),
    FD(DURATION, "period", period, "1m30s", "How long."),
    F(DURATION, "delay", delay, 0, "How long."),
    FO(OBJECT, "inner", inner, leaf_type, 0, "Inner."),
    FO(POINTER, "outer", outer, leaf_type, 0, "Outer."),
    FO(LIST, "leaves", leaves, leaf_type, 0, "Leaves."),
    F(STRING_LIST, "words", words, 0, "Words."),
    F(INT_LIST, "numbers", numbers, 0, "Numbers."),
    F(STRING_MAP, "labels", labels, 0, "Labels."),
    F(BYTES_MAP, "secrets", secrets, 0, "Secrets."),
    F(QUANTITY_MAP, "amounts", amounts, 0, "Amounts."),
    FR(LIST, "raw", raw, &leaf_type, FIELD_UNMODELLED, "Raw."),
    FR(OBJECT, "sharedA", shared, &leaf_type, FIELD_SHARED | FIELD_UNMODELLED, "Shared."),
    FR(OBJECT, "sharedB", shared, &leaf_type, FIELD_SHARED | FIELD_UNMODELLED, "Shared."),
    FX(STRING, "dropped", NULL, 0, "Dropped."),
};
#undef OWNER
static API_TYPE(tree, "Tree", struct tree, NULL, tree_validate, "A tree.");

/* ---- help ---- */

static struct arena arena;
static struct diag_set diags;
static struct strbuf out;

static const struct value *parse(const char *text)
{
    struct document_list docs;
    diag_fini(&diags);
    diag_init(&diags);
    CHECK_INT(value_parse(&arena, &diags, "t.yaml", text, strlen(text), &docs), 0);
    return docs.count ? docs.items[0].root : NULL;
}

static struct tree *decode(const char *text)
{
    struct tree *t = arena_new(&arena, struct tree);
    const struct value *v = parse(text);
    if (v)
        api_decode(&tree_type, &arena, &diags, "", v, t);
    return t;
}

static const char *yaml(const struct tree *t)
{
    strbuf_reset(&out);
    api_write_yaml(&tree_type, t, 0, &out, 0);
    return strbuf_str(&out);
}

static const char *errors(void)
{
    strbuf_reset(&out);
    diag_print(&diags, &out, 0);
    return strbuf_str(&out);
}

static const char everything[] = "amount: 1.5Gi\n"
                                 "amounts:\n  cpu: 0.5\n  memory: 1Ki\n"
                                 "at: 2024-02-29T12:00:00+02:00\n"
                                 "colour: blue\n"
                                 "delay: 2.5\n"
                                 "dropped: gone\n"
                                 "emptyCounts: \"\"\n"
                                 "flag: true\n"
                                 "inner: {name: i, size: 1, wait: 250ms}\n"
                                 "kind: oak\n"
                                 "labels: {b: '1', a: x}\n"
                                 "large: 5000000000\n"
                                 "leaves:\n- name: one\n- name: two\n  size: 2\n"
                                 "maybe: false\n"
                                 "numbers: [1, 2]\n"
                                 "optLarge: 0\n"
                                 "optSmall: 7\n"
                                 "outer: {}\n"
                                 "port: http\n"
                                 "precise: 2024-01-01T00:00:00.123456Z\n"
                                 "raw:\n- {name: x, size: 3}\n"
                                 "secrets: {key: aGVsbG8=}\n"
                                 "sharedB: {name: b}\n"
                                 "small: 4\n"
                                 "words: [a, b]\n";

static const char everything_printed[] = "amount: 1536Mi\n"
                                         "amounts:\n  cpu: 500m\n  memory: 1Ki\n"
                                         "at: \"2024-02-29T10:00:00Z\"\n"
                                         "colour: blue\n"
                                         "delay: 2.5s\n"
                                         "emptyCounts: \"\"\n"
                                         "flag: true\n"
                                         "inner:\n  name: i\n  size: 1\n  wait: 250ms\n"
                                         "kind: oak\n"
                                         "labels:\n  a: x\n  b: \"1\"\n"
                                         "large: 5000000000\n"
                                         "leaves:\n- name: one\n- name: two\n  size: 2\n"
                                         "maybe: false\n"
                                         "numbers:\n- 1\n- 2\n"
                                         "optLarge: 0\n"
                                         "optSmall: 7\n"
                                         "outer:\n  name: \"\"\n"
                                         "port: http\n"
                                         "precise: \"2024-01-01T00:00:00.123456Z\"\n"
                                         "raw:\n- name: x\n  size: 3\n"
                                         "secrets:\n  key: aGVsbG8=\n"
                                         "sharedB:\n  name: b\n"
                                         "small: 4\n"
                                         "words:\n- a\n- b\n";

/* ---- tests ---- */

static void every_kind_is_decoded_and_printed(void)
{
    struct tree *t = decode(everything);
    CHECK_STR(errors(), "");
    CHECK_STR(yaml(t), everything_printed);
    CHECK_INT(t->delay, 2500 * SIM_MS);
    CHECK_INT(t->inner.wait, 250 * SIM_MS);
    CHECK_INT(t->leaves.items[0].wait, SIM_NEVER);
    CHECK_STR(t->secrets.items[0].value, "hello");
    CHECK_STR(t->labels.items[0].key, "a");
}

static void what_is_printed_is_read_back_equal(void)
{
    struct tree *t = decode(everything), copy;
    CHECK(api_equal(&tree_type, t, decode(everything_printed)));
    strbuf_reset(&out);
    api_write_json(&tree_type, t, 0, &out, 4);
    char *json = strdup(strbuf_str(&out));
    CHECK(api_equal(&tree_type, t, decode(json)));
    free(json);
    struct arena other;
    arena_init(&other, 0);
    api_copy(&tree_type, &other, t, &copy);
    CHECK(api_equal(&tree_type, t, &copy));
    CHECK(copy.leaves.items != t->leaves.items);
    CHECK_STR(yaml(&copy), everything_printed);
    arena_fini(&other);
}

static void a_copy_shares_what_is_as_before(void)
{
    struct tree *t = decode(everything), old, copy;
    struct arena other;
    arena_init(&other, 0);
    api_copy(&tree_type, &other, t, &old);
    api_copy_like(&tree_type, &other, t, &old, &copy);
    CHECK(copy.kind == old.kind);
    CHECK(copy.outer == old.outer);
    CHECK(copy.leaves.items == old.leaves.items);
    CHECK_STR(yaml(&copy), everything_printed);

    t->kind = "elm";
    t->leaves.items[1].size = 3;
    api_copy_like(&tree_type, &other, t, &old, &copy);
    CHECK_STR(copy.kind, "elm");
    CHECK(copy.kind != t->kind);
    CHECK(copy.leaves.items != old.leaves.items && copy.leaves.items != t->leaves.items);
    CHECK(copy.leaves.items[0].name == old.leaves.items[0].name);
    CHECK_INT(copy.leaves.items[1].size, 3);
    CHECK_INT(old.leaves.items[1].size, 2);
    arena_fini(&other);
}

static void null_and_empty_mean_unset(void)
{
    struct tree *t =
        decode("kind: \"\"\nlarge: null\nleaves: [null]\nlabels: {a: null}\nouter: ~\nmaybe: null\n");
    CHECK_STR(errors(), "");
    CHECK_STR(yaml(t), "flag: false\nlabels:\n  a: \"\"\nleaves:\n- name: \"\"\n");
}

static void everything_wrong_is_reported_in_one_pass(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"flag: 1", "cannot unmarshal number into Go struct field Tree.flag of type bool"},
        {"kind: [a]", "cannot unmarshal array into Go struct field Tree.kind of type string"},
        {"small: 3000000000",
         "cannot unmarshal number 3000000000 into Go struct field Tree.small of type int32"},
        {"large: 1.5", "cannot unmarshal number 1.5 into Go struct field Tree.large of type int64"},
        {"inner: {size: x}", "cannot unmarshal string into Go struct field Leaf.inner.size of type int32"},
        {"inner: x", "cannot unmarshal string into Go struct field Tree.inner of type v1.Leaf"},
        {"leaves: {}", "cannot unmarshal object into Go struct field Tree.leaves of type []v1.Leaf"},
        {"leaves: [x]", "cannot unmarshal string into Go struct field Tree.leaves of type v1.Leaf"},
        {"words: [1]", "cannot unmarshal number into Go struct field Tree.words of type string"},
        {"labels: [a]", "cannot unmarshal array into Go struct field Tree.labels of type map[string]string"},
        {"port: true", "cannot unmarshal bool into Go struct field Tree.port of type int32"},
        {"at: yesterday", "at: parsing time \"yesterday\" as"},
        {"at: 2024-02-30T00:00:00Z", "parsing time"},
        {"period: soon", "period: Invalid value: soon: want a duration such as 1m30s"},
        {"amount: lots", "amount: quantities must match the regular expression"},
        {"amounts: {cpu: [1]}", "amounts[cpu]: quantities must match"},
        {"secrets: {a: '?'}", "secrets[a]: illegal base64 data"},
        {"leaves: [{nam: x}]", "t.yaml:1:11: error[PS102]: unknown field \"leaves[0].nam\""},
        {"raw: [{nam: x}]", "unknown field \"raw[0].nam\""},
        {"sharedA: {size: big}",
         "cannot unmarshal string into Go struct field Leaf.sharedA.size of type int32"},
        {"dropped: 5", "cannot unmarshal number into Go struct field Tree.dropped of type string"},
        {"size: 5", "\"size\" is a field of Leaf: it belongs under \"inner\""},
        {"inner: {flag: true}", "\"flag\" is a field of Tree: check the indentation"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].text);
        decode(rows[i].text);
        CHECK_UINT(diags.error_count, 1);
        CHECK_CONTAINS(errors(), rows[i].want);
    }
    decode("flag: 1\nsmall: x\nbogus: 1\nleaves: [{size: x}, {size: y}]\n");
    CHECK_UINT(diags.error_count, 5);
}

static void defaults_fill_what_is_unset(void)
{
    struct tree *t = decode("colour: green");
    api_set_defaults(&tree_type, &arena, t);
    CHECK_STR(yaml(t), "colour: green\nflag: false\noptLarge: -1\nperiod: 1m30s\nsmall: 3\n");
    t = decode("small: 5\noptLarge: 0\nperiod: 0s");
    api_set_defaults(&tree_type, &arena, t);
    CHECK_STR(yaml(t), "colour: red\nflag: false\noptLarge: 0\nperiod: 0s\nsmall: 5\n");
}

static void validation_points_at_the_value(void)
{
    static const char text[] =
        "colour: grene\nsmall: 4\nlarge: 2\nleaves:\n- name: a\n  size: -1\n- size: 1\n";
    struct tree *t = arena_new(&arena, struct tree);
    const struct value *v = parse(text);
    api_decode(&tree_type, &arena, &diags, "", v, t);
    CHECK_INT(api_validate(&tree_type, &arena, &diags, "spec", v, t), -1);
    CHECK_STR(
        errors(),
        "t.yaml:1:9: error[PS106]: spec.colour: Unsupported value: \"grene\": supported values: \"blue\", "
        "\"green\", \"red\"\n"
        "    1 | colour: grene\n      |         ^~~~~\n      = help: did you mean \"green\"?\n"
        "t.yaml:2:8: error[PS105]: spec.small: Invalid value: 4: must not be greater than large\n"
        "    2 | small: 4\n      |        ^\n"
        "t.yaml:6:9: error[PS105]: spec.leaves[0].size: Invalid value: -1: must be greater than or equal to 0\n"
        "    6 |   size: -1\n      |         ^~\n"
        "t.yaml:7:3: error[PS104]: spec.leaves[1].name: Required value\n"
        "    7 | - size: 1\n      |   ^\n");
    diag_fini(&diags);
    diag_init(&diags);
    CHECK_INT(api_validate(&tree_type, &arena, &diags, "", NULL, t), -1); /* an object without a document */
    CHECK_CONTAINS(errors(), "error[PS105]: small: Invalid value: 4");
}

static void readonly_fields_are_dropped_on_request(void)
{
    struct tree *t = decode("at: 2024-01-01T00:00:00Z\nkind: oak\n");
    api_clear_readonly(&tree_type, t);
    CHECK_INT(t->at, SIM_NEVER);
    CHECK_STR(t->kind, "oak");
}

static void unmodelled_fields_are_listed_once(void)
{
    str_list paths = {0};
    const struct value *v = parse("raw: [{name: a}]\nsharedB: {}\nsharedA: null\nkind: oak\n");
    api_unmodelled(&tree_type, &arena, v, &paths);
    api_unmodelled(&tree_type, &arena, v, &paths);
    CHECK_UINT(paths.count, 2);
    CHECK_STR(paths.items[0], "raw");
    CHECK_STR(paths.items[1], "sharedB");
}

static const char *diff(const char *from, const char *to)
{
    struct field_change *changes;
    struct tree *a = from ? decode(from) : NULL, *b = to ? decode(to) : NULL;
    uint32_t count = api_diff(&tree_type, &arena, a, b, 0, &changes);
    strbuf_reset(&out);
    for (uint32_t i = 0; i < count; i++)
        strbuf_printf(&out, "%s: %s -> %s\n", changes[i].path, changes[i].from ? changes[i].from : "-",
                      changes[i].to ? changes[i].to : "-");
    return strbuf_str(&out);
}

static void differences_name_elements_by_identity(void)
{
    CHECK_STR(diff(everything, everything), "");
    CHECK_STR(
        diff("leaves: [{name: a, size: 1}, {name: b}]", "leaves: [{name: b, size: 2}, {name: c}]"),
        "leaves[a].name: a -> -\nleaves[a].size: 1 -> -\nleaves[b].size: - -> 2\nleaves[c].name: - -> c\n");
    CHECK_STR(diff("labels: {a: x, b: p}\nkind: oak", "labels: {b: z, c: 'true'}\nflag: true"),
              "kind: oak -> -\nflag: false -> true\nlabels[a]: x -> -\nlabels[b]: p -> z\nlabels[c]: - -> "
              "\"true\"\n");
    CHECK_STR(diff("outer: {name: x, size: 1}", "outer: {name: x, size: 2}"), "outer.size: 1 -> 2\n");
    CHECK_STR(diff(NULL, "outer: {}\nwords: [a, b]"),
              "flag: - -> false\nouter.name: - -> \"\"\nwords: - -> [\"a\",\"b\"]\n");
    CHECK_STR(diff("at: 2024-01-01T00:00:00Z\nport: 80", "at: 2024-01-01T00:00:01Z\nport: '80'"),
              "port: 80 -> \"80\"\nat: \"2024-01-01T00:00:00Z\" -> \"2024-01-01T00:00:01Z\"\n");
}

/* Brackets of a JSON text pair up, outside of strings; and it parses. */
static void the_schema_is_json_with_definitions(void)
{
    static const struct api_type *const roots[] = {&pod_type, &service_type, &node_type, &tree_type};
    struct strbuf schema = STRBUF_INIT;
    struct document_list docs;
    api_write_schema(roots, ARRAY_LEN(roots), &schema);
    diag_fini(&diags);
    diag_init(&diags);
    CHECK_INT(value_parse(&arena, &diags, "schema.json", schema.data, schema.len, &docs), 0);
    CHECK_UINT(docs.count, 1);
    const struct value *definitions = value_get(docs.items[0].root, "definitions");
    const struct value *probe = value_get(definitions, "Probe");
    CHECK(value_get(value_get(probe, "properties"), "periodSeconds") != NULL);
    CHECK_STR(value_get(value_get(value_get(probe, "properties"), "exec"), "description")->text,
              "Runs a command in the container.");
    CHECK(value_get(probe, "additionalProperties")->boolean == false);
    CHECK(value_get(definitions, "NodeAffinity") != NULL);
    /* Every reference leads to a definition. */
    for (const char *p = schema.data; (p = strstr(p, "#/definitions/")); p++) {
        char name[100];
        sscanf(p, "#/definitions/%99[A-Za-z0-9]", name);
        if (!value_get(definitions, name))
            CHECK_STR(name, "a definition");
    }
    strbuf_fini(&schema);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(every_kind_is_decoded_and_printed),
        TAP_TEST(what_is_printed_is_read_back_equal),
        TAP_TEST(a_copy_shares_what_is_as_before),
        TAP_TEST(null_and_empty_mean_unset),
        TAP_TEST(everything_wrong_is_reported_in_one_pass),
        TAP_TEST(defaults_fill_what_is_unset),
        TAP_TEST(validation_points_at_the_value),
        TAP_TEST(readonly_fields_are_dropped_on_request),
        TAP_TEST(unmodelled_fields_are_listed_once),
        TAP_TEST(differences_name_elements_by_identity),
        TAP_TEST(the_schema_is_json_with_definitions),
    };
    arena_init(&arena, 0);
    diag_init(&diags);
    int failed = tap_run(tests, ARRAY_LEN(tests));
    strbuf_fini(&out);
    diag_fini(&diags);
    arena_fini(&arena);
    return failed;
}
