/* apitype.c - reading documents through tables: decoding, generic validation.
 *
 * Decoding mirrors what the API server does with JSON: kjson into Go structs (wrong types), strict
 * unknown-field checks (k8s staging/src/k8s.io/apimachinery/pkg/runtime/serializer/json/json.go), then
 * defaults (apitype_defaults.c) and validation (pkg/apis/core/validation/validation.go).
 * null means unset everywhere, as in Go; so does "" for strings without FIELD_KEEP_EMPTY.
 */
#include "model/apitype_private.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 150 }; /* of one type; suggestions look at all names at once */

/* ---- members ---- */

size_t field_bytes(const struct api_field *f)
{
    static const size_t bytes[] = {
        [FIELD_STRING] = sizeof(char *),
        [FIELD_ENUM] = sizeof(char *),
        [FIELD_BOOL] = sizeof(bool),
        [FIELD_OPT_BOOL] = sizeof(struct opt_bool),
        [FIELD_INT32] = sizeof(int64_t),
        [FIELD_INT64] = sizeof(int64_t),
        [FIELD_OPT_INT32] = sizeof(struct opt_i64),
        [FIELD_OPT_INT64] = sizeof(struct opt_i64),
        [FIELD_INT_OR_STRING] = sizeof(struct int_or_string),
        [FIELD_QUANTITY] = sizeof(struct quantity),
        [FIELD_TIME] = sizeof(sim_time),
        [FIELD_MICRO_TIME] = sizeof(sim_time),
        [FIELD_DURATION] = sizeof(sim_time),
        [FIELD_OBJECT] = 0,
        [FIELD_POINTER] = sizeof(void *),
        [FIELD_LIST] = sizeof(struct any_list),
        [FIELD_STRING_LIST] = sizeof(str_list),
        [FIELD_INT_LIST] = sizeof(int_list),
        [FIELD_STRING_MAP] = sizeof(str_map),
        [FIELD_BYTES_MAP] = sizeof(str_map),
        [FIELD_QUANTITY_MAP] = sizeof(quantity_map),
        [FIELD_RAW] = sizeof(struct value *),
    };
    return f->kind == FIELD_OBJECT ? f->type->size : bytes[f->kind];
}

static bool object_is_set(const struct api_type *type, const void *object)
{
    for (uint32_t i = 0; i < type->field_count; i++)
        if (field_is_set(&type->fields[i], field_in(&type->fields[i], object)))
            return true;
    return false;
}

bool field_is_set(const struct api_field *f, const void *member)
{
    if (f->flags & FIELD_DROPPED)
        return false;
    switch (f->kind) {
    case FIELD_STRING:
    case FIELD_ENUM: {
        const char *s = *(const char *const *)member;
        return s && (*s || f->flags & FIELD_KEEP_EMPTY);
    }
    case FIELD_BOOL:
        return *(const bool *)member;
    case FIELD_OPT_BOOL:
        return ((const struct opt_bool *)member)->set;
    case FIELD_INT32:
    case FIELD_INT64:
        return *(const int64_t *)member != 0;
    case FIELD_OPT_INT32:
    case FIELD_OPT_INT64:
        return ((const struct opt_i64 *)member)->set;
    case FIELD_INT_OR_STRING:
        return ((const struct int_or_string *)member)->set;
    case FIELD_QUANTITY:
        return ((const struct quantity *)member)->set;
    case FIELD_TIME:
    case FIELD_MICRO_TIME:
    case FIELD_DURATION:
        return *(const sim_time *)member != SIM_NEVER;
    case FIELD_OBJECT:
        return object_is_set(f->type, member);
    case FIELD_POINTER:
        return *(void *const *)member != NULL;
    case FIELD_LIST:
    case FIELD_STRING_LIST:
    case FIELD_INT_LIST:
    case FIELD_STRING_MAP:
    case FIELD_BYTES_MAP:
    case FIELD_QUANTITY_MAP:
        return ((const struct any_list *)member)->count != 0;
    case FIELD_RAW: {
        const struct value *v = *(const struct value *const *)member;
        return f->flags & FIELD_SHARED ? value_get(v, f->name) != NULL : v != NULL;
    }
    }
    return false;
}

void init_times(const struct api_type *type, void *object)
{
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct api_field *f = &type->fields[i];
        if (f->flags & FIELD_DROPPED)
            continue;
        if (f->kind == FIELD_TIME || f->kind == FIELD_MICRO_TIME || f->kind == FIELD_DURATION)
            *(sim_time *)field_of(f, object) = SIM_NEVER;
        else if (f->kind == FIELD_OBJECT)
            init_times(f->type, field_of(f, object));
    }
}

void api_init(const struct api_type *type, void *object)
{
    ASSERT(type->size > 0);
    memset(object, 0, type->size);
    init_times(type, object);
}

void *api_new_object(struct arena *a, const struct api_type *type)
{
    ASSERT(type->size > 0);
    void *object = arena_alloc(a, type->size);
    init_times(type, object);
    return object;
}

/* ---- decoding: wrong types ---- */

const char *field_go_type(struct arena *a, const struct api_field *f)
{
    enum field_kind kind = f->kind == FIELD_RAW ? f->raw_kind : f->kind;
    if (f->kind == FIELD_RAW && kind == FIELD_STRING)
        kind = FIELD_OBJECT;
    switch (kind) {
    case FIELD_BOOL:
    case FIELD_OPT_BOOL:
        return "bool";
    case FIELD_INT32:
    case FIELD_OPT_INT32:
    case FIELD_INT_OR_STRING:
        return "int32";
    case FIELD_INT64:
    case FIELD_OPT_INT64:
        return "int64";
    case FIELD_OBJECT:
    case FIELD_POINTER:
        return f->type ? arena_printf(a, "v1.%s", f->type->name) : "map[string]interface {}";
    case FIELD_LIST:
        return arena_printf(a, "[]v1.%s", f->type->name);
    case FIELD_STRING_LIST:
        return "[]string";
    case FIELD_INT_LIST:
        return "[]int32";
    case FIELD_STRING_MAP:
        return "map[string]string";
    case FIELD_BYTES_MAP:
        return "map[string][]uint8";
    case FIELD_QUANTITY_MAP:
        return "v1.ResourceList";
    case FIELD_STRING:
    case FIELD_ENUM:
    case FIELD_QUANTITY:
    case FIELD_TIME:
    case FIELD_MICRO_TIME:
    case FIELD_DURATION:
    case FIELD_RAW:
        break;
    }
    return "string";
}

/* Go's name of a JSON value in "cannot unmarshal <it> into ...". */
static const char *json_type(const struct value *v)
{
    static const char *const names[] = {
        [VALUE_NULL] = "null",     [VALUE_BOOL] = "bool",  [VALUE_INT] = "number", [VALUE_FLOAT] = "number",
        [VALUE_STRING] = "string", [VALUE_LIST] = "array", [VALUE_MAP] = "object",
    };
    return names[v->type];
}

/* "spec.containers.env.value": the path without indices, as Go's decoder names fields. */
static void add_go_path(struct strbuf *b, const struct check *c)
{
    if (c->parent)
        add_go_path(b, c->parent);
    if (c->step == CHECK_FIELD)
        strbuf_printf(b, "%s%s", b->len ? "." : "", c->name);
}

/* The type that the field is one of, or NULL. */
static const struct api_type *struct_of(const struct check *c)
{
    while (c && !c->type)
        c = c->parent;
    return c ? c->type : NULL;
}

/* What the user probably meant. */
static const char *type_suggestion(const struct check *c, const struct value *v, const char *go_type)
{
    struct arena *a = c->run->arena;
    int64_t integer;
    bool boolean;
    bool scalar = v->type == VALUE_BOOL || v->type == VALUE_INT || v->type == VALUE_FLOAT;
    if (strcmp(go_type, "string") == 0 && scalar)
        return arena_printf(a, "write it in quotes: \"%s\"", v->text);
    if (v->type == VALUE_STRING && v->quoted && strlen(v->text) < 32) {
        enum value_type plain = value_resolve(v->text, &integer, &boolean);
        bool number = plain == VALUE_INT && (strncmp(go_type, "int", 3) == 0);
        bool truth = plain == VALUE_BOOL && strcmp(go_type, "bool") == 0;
        if (number || truth)
            return arena_printf(a, "write it without quotes: %s", v->text);
    }
    if (strncmp(go_type, "[]", 2) == 0 && v->type != VALUE_LIST)
        return "a list is wanted here: put '- ' in front of each element";
    return NULL;
}

/* A type of podsim's own has nothing to do with Go. */
static void wrong_type_plainly(const struct check *c, const struct value *v, const char *go_type)
{
    static const char *const got[] = {
        [VALUE_NULL] = "nothing",        [VALUE_BOOL] = "true or false", [VALUE_INT] = "a number",
        [VALUE_FLOAT] = "a fraction",    [VALUE_STRING] = "text",        [VALUE_LIST] = "a list",
        [VALUE_MAP] = "a map of fields",
    };
    const char *want = strcmp(go_type, "string") == 0    ? "text"
                       : strcmp(go_type, "bool") == 0    ? "true or false"
                       : strncmp(go_type, "int", 3) == 0 ? "a whole number"
                       : strncmp(go_type, "[]", 2) == 0  ? "a list"
                                                         : "a map of fields";
    check_report_as(c, CODE_TYPE, type_suggestion(c, v, go_type), "want %s, got %s", want, got[v->type]);
}

/* k8s sigs.k8s.io/json UnmarshalTypeError. */
static void wrong_type(const struct check *c, const struct value *v, const char *go_type)
{
    struct strbuf path = STRBUF_INIT;
    const struct api_type *type = struct_of(c->parent ? c->parent : c);
    if (type && type->plain) {
        wrong_type_plainly(c, v, go_type);
        return;
    }
    add_go_path(&path, c);
    bool shows_number = v->type == VALUE_FLOAT || (v->type == VALUE_INT && strncmp(go_type, "int", 3) == 0);
    check_report_bare(c, CODE_TYPE, check_pos(c), type_suggestion(c, v, go_type),
                      "json: cannot unmarshal %s%s%s into Go struct field %s.%s of type %s", json_type(v),
                      shows_number ? " " : "", shows_number ? v->text : "", type ? type->name : "", strbuf_str(&path),
                      go_type);
    strbuf_fini(&path);
}

/* ---- decoding: scalars ---- */

/* A parameter's number may stand for its text: whoever wrote "${{n}}" has quoted what he could. */
static bool is_text(const struct value *v)
{
    return v->type == VALUE_STRING || (v->fill && v->type != VALUE_NULL && v->type < VALUE_LIST);
}

static void decode_string(const struct check *c, const struct api_field *f, const char **ret)
{
    const struct value *v = c->value;
    if (!is_text(v))
        wrong_type(c, v, "string");
    else if (ret && (*v->text || f->flags & FIELD_KEEP_EMPTY))
        *ret = v->text;
}

static bool decode_bool(const struct check *c, bool *ret)
{
    if (c->value->type != VALUE_BOOL) {
        wrong_type(c, c->value, "bool");
        return false;
    }
    if (ret)
        *ret = c->value->boolean;
    return true;
}

static bool decode_int(const struct check *c, bool is_32, int64_t *ret)
{
    const struct value *v = c->value;
    bool fits = v->type == VALUE_INT && (!is_32 || (v->integer >= INT32_MIN && v->integer <= INT32_MAX));
    if (!fits)
        wrong_type(c, v, is_32 ? "int32" : "int64");
    else if (ret)
        *ret = v->integer;
    return fits;
}

static void decode_int_or_string(const struct check *c, struct int_or_string *ret)
{
    const struct value *v = c->value;
    struct int_or_string value = {.set = true};
    if (v->type == VALUE_STRING)
        value.text = v->text;
    else if (!decode_int(c, true, &value.number))
        return;
    if (ret)
        *ret = value;
}

/* k8s quantity.go UnmarshalJSON takes strings and bare numbers. */
static bool decode_quantity(const struct check *c, struct quantity *ret)
{
    const struct value *v = c->value;
    struct quantity q;
    bool scalar = v->type == VALUE_STRING || v->type == VALUE_INT || v->type == VALUE_FLOAT;
    const char *text = v->text;
    if (v->type == VALUE_INT) /* octal and underscores are gone once it is JSON */
        text = arena_printf(c->run->arena, "%" PRId64, v->integer);
    const char *wrong = quantity_parse(c->run->arena, scalar ? text : "x", &q);
    if (wrong) {
        check_report(c, NULL, "%s", wrong);
        return false;
    }
    if (ret)
        *ret = q;
    return true;
}

static int two_digits(const char *s)
{
    bool digits = s[0] >= '0' && s[0] <= '9' && s[1] >= '0' && s[1] <= '9';
    return digits ? (s[0] - '0') * 10 + (s[1] - '0') : -1;
}

/* Days from 1970-01-01 to the given day of the proleptic Gregorian calendar. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* "2024-01-02T15:04:05[.fraction](Z|+hh:mm)" */
bool parse_rfc3339(const char *s, sim_time *ret_time)
{
    size_t len = strlen(s);
    if (len < 20 || len > 40 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':')
        return false;
    int century = two_digits(s), years = two_digits(s + 2), month = two_digits(s + 5), day = two_digits(s + 8);
    int hour = two_digits(s + 11), minute = two_digits(s + 14), second = two_digits(s + 17);
    if (century < 0 || years < 0 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 59 || day > days_in_month(century * 100 + years, month))
        return false;
    const char *p = s + 19;
    int64_t nanos = 0, unit = SIM_SECOND;
    if (*p == '.')
        for (p++; *p >= '0' && *p <= '9'; p++)
            nanos += (unit /= 10) * (*p - '0');
    int64_t offset = 0;
    if (*p == '+' || *p == '-') {
        int offset_hour = two_digits(p + 1), offset_minute = strlen(p) == 6 && p[3] == ':' ? two_digits(p + 4) : -1;
        if (offset_hour < 0 || offset_hour > 23 || offset_minute < 0 || offset_minute > 59)
            return false;
        offset = (offset_hour * 60 + offset_minute) * (*p == '-' ? -60 : 60);
    } else if (p[0] != 'Z' || p[1]) {
        return false;
    }
    int64_t seconds =
        days_from_civil(century * 100 + years, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
    sim_time t;
    if (__builtin_mul_overflow(seconds, SIM_SECOND, &t) || __builtin_add_overflow(t, nanos, &t))
        return false;
    *ret_time = t;
    return true;
}

static void decode_time(const struct check *c, sim_time *ret)
{
    sim_time t;
    if (c->value->type != VALUE_STRING) {
        wrong_type(c, c->value, "string");
    } else if (!parse_rfc3339(c->value->text, &t)) {
        check_report(c, NULL, "parsing time \"%s\" as \"2006-01-02T15:04:05Z07:00\": cannot parse", c->value->text);
    } else if (ret) {
        *ret = t;
    }
}

static void decode_duration(const struct check *c, sim_time *ret)
{
    const struct value *v = c->value;
    sim_time t;
    bool scalar = v->type == VALUE_STRING || v->type == VALUE_INT || v->type == VALUE_FLOAT;
    if (!scalar || sim_parse_duration(v->text, &t) != 0)
        check_report(c, NULL, "Invalid value: %s: want a duration such as 1m30s, 250ms or a number of seconds",
                     scalar ? v->text : json_type(v));
    else if (ret)
        *ret = t;
}

/* ---- decoding: collections ---- */

static int compare_pairs(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b); /* the key is the first member */
}

static bool is_map(const struct check *c, const struct api_field *f)
{
    if (c->value->type == VALUE_MAP)
        return true;
    wrong_type(c, c->value, field_go_type(c->run->arena, f));
    return false;
}

static bool is_list(const struct check *c, const struct api_field *f)
{
    if (c->value->type == VALUE_LIST || f->flags & FIELD_ONE_OR_MORE)
        return true;
    wrong_type(c, c->value, field_go_type(c->run->arena, f));
    return false;
}

static uint32_t item_count(const struct check *c) { return c->value->type == VALUE_LIST ? c->value->count : 1; }

static const char *decode_bytes(const struct check *c)
{
    size_t len;
    char *bytes = value_base64_decode(c->run->arena, c->value->text, &len);
    if (bytes)
        return bytes;
    check_report(c, "data holds base64; text belongs into stringData", "illegal base64 data");
    return "";
}

static void decode_string_map(const struct check *c, const struct api_field *f, str_map *ret)
{
    if (!is_map(c, f))
        return;
    uint32_t count = c->value->count;
    struct str_pair *pairs = arena_array(c->run->arena, struct str_pair, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct value_entry *e = &c->value->entries[i];
        struct check item = {
            .run = c->run, .parent = c, .step = CHECK_MAP_KEY, .name = e->key, .value = e->value, .key_at = e->key_at};
        pairs[i] = (struct str_pair){e->key, ""};
        if (is_text(e->value))
            pairs[i].value = f->kind == FIELD_BYTES_MAP ? decode_bytes(&item) : e->value->text;
        else if (e->value->type != VALUE_NULL)
            wrong_type(&item, e->value, "string");
    }
    if (!ret)
        return;
    qsort(pairs, count, sizeof *pairs, compare_pairs);
    ret->items = pairs;
    ret->count = count;
}

static void decode_quantity_map(const struct check *c, const struct api_field *f, quantity_map *ret)
{
    if (!is_map(c, f))
        return;
    uint32_t count = c->value->count, kept = 0;
    struct quantity_pair *pairs = arena_array(c->run->arena, struct quantity_pair, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct value_entry *e = &c->value->entries[i];
        struct check item = {
            .run = c->run, .parent = c, .step = CHECK_MAP_KEY, .name = e->key, .value = e->value, .key_at = e->key_at};
        pairs[kept].key = e->key;
        if (e->value->type == VALUE_NULL) /* k8s quantity.go UnmarshalJSON: null is zero */
            pairs[kept++].value = quantity_from_value(c->run->arena, 0, QUANTITY_DECIMAL);
        else if (decode_quantity(&item, &pairs[kept].value))
            kept++;
    }
    if (!ret)
        return;
    qsort(pairs, kept, sizeof *pairs, compare_pairs);
    ret->items = pairs;
    ret->count = kept;
}

static void decode_string_list(const struct check *c, const struct api_field *f, str_list *ret)
{
    if (!is_list(c, f))
        return;
    uint32_t count = item_count(c);
    const char **items = arena_array(c->run->arena, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct value *v = AT_ITEM(c, i)->value;
        items[i] = is_text(v) ? v->text : "";
        if (!is_text(v) && v->type != VALUE_NULL)
            wrong_type(AT_ITEM(c, i), v, "string");
    }
    if (ret) {
        ret->items = items;
        ret->count = count;
    }
}

static void decode_int_list(const struct check *c, const struct api_field *f, int_list *ret)
{
    if (!is_list(c, f))
        return;
    uint32_t count = item_count(c);
    int64_t *items = arena_array(c->run->arena, int64_t, count);
    for (uint32_t i = 0; i < count; i++)
        if (AT_ITEM(c, i)->value->type != VALUE_NULL)
            decode_int(AT_ITEM(c, i), false, &items[i]);
    if (ret) {
        ret->items = items;
        ret->count = count;
    }
}

static void decode_object(struct check *c, const struct api_type *type, void *object);

static void decode_list(const struct check *c, const struct api_field *f, struct any_list *ret)
{
    if (!is_list(c, f))
        return;
    uint32_t count = item_count(c);
    char *items = ret ? arena_alloc(c->run->arena, f->type->size * count) : NULL;
    for (uint32_t i = 0; i < count; i++) {
        struct check item = check_at_item(c, i);
        void *object = items ? items + f->type->size * i : NULL;
        if (object)
            init_times(f->type, object);
        if (item.value->type != VALUE_NULL)
            decode_object(&item, f->type, object);
    }
    if (ret) {
        ret->items = items;
        ret->count = count;
    }
}

static void decode_pointer(struct check *c, const struct api_field *f, void **ret)
{
    void *object = ret ? api_new_object(c->run->arena, f->type) : NULL;
    decode_object(c, f->type, object);
    if (ret)
        *ret = object;
}

static void decode_member(struct check *c, const struct api_field *f, enum field_kind kind, void *member);

/* Checked as what it is, kept as it was written. */
static void decode_raw(struct check *c, const struct api_field *f, const struct value **ret)
{
    enum field_kind kind = f->raw_kind;
    if (kind == FIELD_STRING && f->type)
        kind = FIELD_OBJECT;
    if (kind != FIELD_STRING)
        decode_member(c, f, kind, NULL);
    if (ret)
        *ret = f->flags & FIELD_SHARED ? c->parent->value : c->value;
}

/* `member` NULL: only check. */
static void decode_member(struct check *c, const struct api_field *f, enum field_kind kind, void *member)
{
    switch (kind) {
    case FIELD_STRING:
    case FIELD_ENUM:
        decode_string(c, f, member);
        break;
    case FIELD_BOOL:
        decode_bool(c, member);
        break;
    case FIELD_OPT_BOOL: {
        struct opt_bool *opt = member;
        if (decode_bool(c, opt ? &opt->value : NULL) && opt)
            opt->set = true;
        break;
    }
    case FIELD_INT32:
    case FIELD_INT64:
        decode_int(c, kind == FIELD_INT32, member);
        break;
    case FIELD_OPT_INT32:
    case FIELD_OPT_INT64: {
        struct opt_i64 *opt = member;
        if (decode_int(c, kind == FIELD_OPT_INT32, opt ? &opt->value : NULL) && opt)
            opt->set = true;
        break;
    }
    case FIELD_INT_OR_STRING:
        decode_int_or_string(c, member);
        break;
    case FIELD_QUANTITY:
        decode_quantity(c, member);
        break;
    case FIELD_TIME:
    case FIELD_MICRO_TIME:
        decode_time(c, member);
        break;
    case FIELD_DURATION:
        decode_duration(c, member);
        break;
    case FIELD_OBJECT:
        decode_object(c, f->type, member);
        break;
    case FIELD_POINTER:
        decode_pointer(c, f, member);
        break;
    case FIELD_LIST:
        decode_list(c, f, member);
        break;
    case FIELD_STRING_LIST:
        decode_string_list(c, f, member);
        break;
    case FIELD_INT_LIST:
        decode_int_list(c, f, member);
        break;
    case FIELD_STRING_MAP:
    case FIELD_BYTES_MAP:
        decode_string_map(c, f, member);
        break;
    case FIELD_QUANTITY_MAP:
        decode_quantity_map(c, f, member);
        break;
    case FIELD_RAW:
        decode_raw(c, f, member);
        break;
    }
}

static const struct api_field *find_field(const struct api_type *type, const char *name)
{
    for (uint32_t i = 0; i < type->field_count; i++)
        if (strcmp(type->fields[i].name, name) == 0)
            return &type->fields[i];
    return NULL;
}

/* A field of `type` whose own type has the field `name`; NULL if none has. */
static const struct api_field *field_containing(const struct api_type *type, const char *name)
{
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct api_field *f = &type->fields[i];
        if (f->type && f->kind != FIELD_RAW && find_field(f->type, name))
            return f;
    }
    return NULL;
}

/* A field indented too little or too much is as common a mistake as a mistyped one: its right place may
 * be a level up, a level down, or beside one of the levels above. */
static const char *suggest_field(const struct check *c, const struct api_type *type, const char *name)
{
    struct arena *a = c->run->arena;
    const char *names[FIELDS_MAX];
    ASSERT(type->field_count <= FIELDS_MAX);
    for (uint32_t i = 0; i < type->field_count; i++)
        names[i] = type->fields[i].name;
    const char *close = diag_closest(name, names, type->field_count);
    if (close)
        return arena_printf(a, "did you mean \"%s\"?", close);
    for (const struct check *up = c->parent; up; up = up->parent)
        if (up->type && find_field(up->type, name))
            return arena_printf(a, "\"%s\" is a field of %s: check the indentation", name, up->type->name);
    for (const struct check *up = c; up; up = up->parent) {
        const struct api_field *f = up->type ? field_containing(up->type, name) : NULL;
        if (f)
            return arena_printf(a, "\"%s\" is a field of %s: it belongs under \"%s\"", name, f->type->name, f->name);
    }
    return NULL;
}

/* {kubectl: get pods,svc -o wide}: the comma has ended the text. */
static const char *suggest_quotes(const struct value_entry *e)
{
    bool words = strchr(e->key, ' ') != NULL && e->value->type == VALUE_NULL;
    return words ? "a comma within { } ends a text and begins another field: put quotes around the text" : NULL;
}

/* k8s strict decoding: unknown field "spec.containers[0].livenessProbe.periodSecond". */
static void unknown_field(const struct check *c, const struct api_type *type, const struct value_entry *e)
{
    struct check field = {.run = c->run, .parent = c, .step = CHECK_FIELD, .name = e->key, .value = e->value};
    const char *quotes = suggest_quotes(e);
    check_report_bare(&field, CODE_FIELD, e->key_at, quotes ? quotes : suggest_field(c, type, e->key),
                      "unknown field \"%s\"", check_path(&field));
}

/* What is no map stands for the map with the type's short field. */
static void decode_short(struct check *c, const struct api_type *type, void *object)
{
    const struct api_field *f = find_field(type, type->short_field);
    ASSERT(f);
    c->type = type;
    struct check field = {
        .run = c->run, .parent = c, .step = CHECK_SHORT, .name = f->name, .value = c->value, .key_at = c->key_at};
    decode_member(&field, f, f->kind, object ? field_of(f, object) : NULL);
}

static void decode_object(struct check *c, const struct api_type *type, void *object)
{
    if (type->short_field && c->value->type != VALUE_MAP) {
        decode_short(c, type, object);
        return;
    }
    if (c->value->type != VALUE_MAP) {
        wrong_type(c, c->value, arena_printf(c->run->arena, "v1.%s", type->name));
        return;
    }
    c->type = type;
    for (uint32_t i = 0; i < c->value->count; i++) {
        const struct value_entry *e = &c->value->entries[i];
        const struct api_field *f = find_field(type, e->key);
        if (!f) {
            unknown_field(c, type, e);
            continue;
        }
        struct check field = {
            .run = c->run, .parent = c, .step = CHECK_FIELD, .name = f->name, .value = e->value, .key_at = e->key_at};
        if (e->value->type != VALUE_NULL)
            decode_member(&field, f, f->kind, object && !(f->flags & FIELD_DROPPED) ? field_of(f, object) : NULL);
    }
}

int api_decode(const struct api_type *type, struct arena *a, struct diag_set *d, const char *path,
               const struct value *v, void *object)
{
    api_init(type, object);
    struct check_run run = {.arena = a, .diags = d, .path = path, .type_name = type->name};
    struct check c = check_root(&run, v);
    c.type = type;
    decode_object(&c, type, object);
    return run.result;
}

/* ---- validation ---- */

static void validate_object(struct check *c, const struct api_type *type, const void *object);

static void validate_field(struct check *c, const struct api_field *f, const void *member)
{
    bool set = field_is_set(f, member);
    if (f->flags & FIELD_REQUIRED && !set && f->kind != FIELD_OBJECT)
        check_required(c, NULL);
    if (f->kind == FIELD_ENUM && set) {
        const char *value = *(const char *const *)member;
        bool known = false;
        for (uint32_t i = 0; f->values[i] && !known; i++)
            known = strcmp(value, f->values[i]) == 0;
        if (!known)
            check_unsupported(c, value, f->values);
    }
    bool present = set || f->flags & (FIELD_ALWAYS | FIELD_REQUIRED);
    if (f->kind == FIELD_OBJECT && present) {
        validate_object(c, f->type, member);
    } else if (f->kind == FIELD_POINTER && set) {
        validate_object(c, f->type, *(void *const *)member);
    } else if (f->kind == FIELD_LIST) {
        const struct any_list *list = member;
        for (uint32_t i = 0; i < list->count; i++)
            validate_object(AT_ITEM(c, i), f->type, list_item(f, list, i));
    }
    if (f->validate)
        f->validate(c, member);
}

static void validate_object(struct check *c, const struct api_type *type, const void *object)
{
    c->type = type;
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct api_field *f = &type->fields[i];
        if (!(f->flags & (FIELD_READONLY | FIELD_DROPPED)))
            validate_field(AT(c, f->name), f, field_in(f, object));
    }
    if (type->validate)
        type->validate(c, object);
}

int api_validate(const struct api_type *type, struct arena *a, struct diag_set *d, const char *path,
                 const struct value *v, const void *object)
{
    struct check_run run = {.arena = a, .diags = d, .path = path, .type_name = type->name};
    struct check c = check_root(&run, v);
    validate_object(&c, type, object);
    return run.result;
}

/* ---- what is accepted but not modelled ---- */

static void add_path(struct arena *a, str_list *paths, const char *path)
{
    for (uint32_t i = 0; i < paths->count; i++)
        if (strcmp(paths->items[i], path) == 0)
            return;
    const char **items = arena_array(a, const char *, paths->count + 1);
    if (paths->count)
        memcpy(items, paths->items, paths->count * sizeof *items);
    items[paths->count] = path;
    paths->items = items;
    paths->count++;
}

static void find_unmodelled(const struct api_type *type, struct arena *a, const char *prefix, const struct value *v,
                            str_list *paths)
{
    if (v->type == VALUE_LIST) {
        for (uint32_t i = 0; i < v->count; i++)
            find_unmodelled(type, a, prefix, v->items[i], paths);
        return;
    }
    if (v->type != VALUE_MAP)
        return;
    for (uint32_t i = 0; i < v->count; i++) {
        const struct api_field *f = find_field(type, v->entries[i].key);
        if (!f || f->flags & FIELD_READONLY || v->entries[i].value->type == VALUE_NULL)
            continue;
        const char *path = arena_printf(a, "%s%s%s", prefix, *prefix ? "." : "", f->name);
        if (f->flags & FIELD_UNMODELLED)
            add_path(a, paths, path);
        else if (f->type)
            find_unmodelled(f->type, a, path, v->entries[i].value, paths);
    }
}

void api_unmodelled(const struct api_type *type, struct arena *a, const struct value *v, str_list *paths)
{
    if (v)
        find_unmodelled(type, a, "", v, paths);
}
