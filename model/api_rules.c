/* api_rules.c - rules for names, labels, ports and addresses, with the API server's words.
 * k8s staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go,
 * apimachinery/pkg/api/validation/objectmeta.go, v1.36.
 */
#include "model/api_types.h"

#include <string.h>

enum {
    LABEL_MAX = 63,
    SUBDOMAIN_MAX = 253,
    PORT_NAME_MAX = 15,
    ANNOTATION_BYTES_MAX = 256 << 10,
    PORT_MAX = 65535,
};

#define LABEL_RULE "must consist of lower case alphanumeric characters"
#define QUALIFIED_RULE                                                                                       \
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " \
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "                  \
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

static const char dns1123_label[] =
    "a lowercase RFC 1123 label " LABEL_RULE
    " or '-', and must start and end with an alphanumeric character (e.g. "
    "'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
static const char dns1123_subdomain[] = "a lowercase RFC 1123 subdomain " LABEL_RULE
                                        ", '-' or '.', and must start and end with an alphanumeric character "
                                        "(e.g. 'example.com', regex used for validation is "
                                        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
static const char dns1035_label[] =
    "a DNS-1035 label " LABEL_RULE
    " or '-', start with an alphabetic character, and end with an alphanumeric character "
    "(e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
static const char label_value[] = "a valid label must be an empty string or consist of alphanumeric "
                                  "characters, '-', '_' or '.', and must start and end "
                                  "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
                                  "'12345', regex used for validation is "
                                  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
static const char config_key[] = "a valid config key must consist of alphanumeric characters, '-', '_' or "
                                 "'.' (e.g. 'key.name',  or 'KEY_NAME',  or "
                                 "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/* ---- characters ---- */

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower_alnum(char c)
{
    return is_lower(c) || is_digit(c);
}

static bool is_alnum(char c)
{
    return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

/* [a-z0-9]([-a-z0-9]*[a-z0-9])? over n characters */
static bool is_label(const char *s, size_t n)
{
    if (n == 0 || !is_lower_alnum(s[0]) || !is_lower_alnum(s[n - 1]))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!is_lower_alnum(s[i]) && s[i] != '-')
            return false;
    return true;
}

static bool is_subdomain(const char *s)
{
    for (;;) {
        size_t n = strcspn(s, ".");
        if (!is_label(s, n))
            return false;
        if (!s[n])
            return true;
        s += n + 1;
    }
}

/* ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9] over n characters */
static bool is_qualified_part(const char *s, size_t n)
{
    if (n == 0 || !is_alnum(s[0]) || !is_alnum(s[n - 1]))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!is_alnum(s[i]) && !strchr("-_.", s[i]))
            return false;
    return true;
}

static const char *too_long(struct arena *a, size_t max)
{
    return arena_printf(a, "must be no more than %zu bytes", max);
}

/* ---- names ---- */

const char *wrong_dns1123_label(struct arena *a, const char *s)
{
    if (strlen(s) > LABEL_MAX)
        return too_long(a, LABEL_MAX);
    return is_label(s, strlen(s)) ? NULL : dns1123_label;
}

const char *wrong_dns1123_subdomain(struct arena *a, const char *s)
{
    if (strlen(s) > SUBDOMAIN_MAX)
        return too_long(a, SUBDOMAIN_MAX);
    return is_subdomain(s) ? NULL : dns1123_subdomain;
}

const char *wrong_dns1035_label(struct arena *a, const char *s)
{
    if (strlen(s) > LABEL_MAX)
        return too_long(a, LABEL_MAX);
    return is_label(s, strlen(s)) && is_lower(s[0]) ? NULL : dns1035_label;
}

const char *wrong_label_value(struct arena *a, const char *s)
{
    size_t n = strlen(s);
    if (n > LABEL_MAX)
        return too_long(a, LABEL_MAX);
    return n == 0 || is_qualified_part(s, n) ? NULL : label_value;
}

const char *wrong_qualified_name(struct arena *a, const char *s)
{
    const char *slash = strchr(s, '/'), *name = slash ? slash + 1 : s;
    if (slash && strchr(name, '/'))
        return "a qualified name " QUALIFIED_RULE
               " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    if (slash == s)
        return "prefix part must be non-empty";
    if (slash) {
        const char *wrong = wrong_dns1123_subdomain(a, arena_strndup(a, s, (size_t)(slash - s)));
        if (wrong)
            return arena_printf(a, "prefix part %s", wrong);
    }
    if (!*name)
        return "name part must be non-empty";
    if (strlen(name) > LABEL_MAX)
        return arena_printf(a, "name part %s", too_long(a, LABEL_MAX));
    return is_qualified_part(name, strlen(name)) ? NULL : "name part " QUALIFIED_RULE;
}

/* k8s IsConfigMapKey */
const char *wrong_config_key(struct arena *a, const char *s)
{
    if (strlen(s) > SUBDOMAIN_MAX)
        return too_long(a, SUBDOMAIN_MAX);
    for (const char *p = s; *p; p++)
        if (!is_alnum(*p) && !strchr("-._", *p))
            return config_key;
    if (!*s)
        return config_key;
    if (strcmp(s, ".") == 0)
        return "must not be '.'";
    if (strcmp(s, "..") == 0)
        return "must not be '..'";
    return strncmp(s, "..", 2) == 0 ? "must not start with '..'" : NULL;
}

/* k8s IsRelaxedEnvVarName: RelaxedEnvironmentVariableValidation is on for good since 1.34. */
const char *wrong_env_name(const char *s)
{
    for (; *s; s++)
        if (*s < 0x20 || *s > 0x7e || *s == '=')
            return "a valid environment variable name must consist only of printable ASCII characters other "
                   "than '='";
    return NULL;
}

static bool is_ipv4(const char *s)
{
    for (int part = 0; part < 4; part++) {
        size_t digits = strspn(s, "0123456789");
        int value = 0;
        if (digits < 1 || digits > 3 || (digits > 1 && *s == '0'))
            return false;
        for (size_t i = 0; i < digits; i++)
            value = value * 10 + (s[i] - '0');
        if (value > 255)
            return false;
        s += digits;
        if (part < 3 && *s++ != '.')
            return false;
    }
    return *s == '\0';
}

static bool is_ipv6(const char *s)
{
    int groups = 0;
    bool gap = false;
    if (s[0] == ':' && s[1] == ':') {
        gap = true;
        s += 2;
    }
    while (*s) {
        if (strchr(s, '.') && !strchr(s, ':'))
            return is_ipv4(s) && (gap ? groups <= 5 : groups == 6);
        size_t digits = strspn(s, "0123456789abcdefABCDEF");
        if (digits < 1 || digits > 4)
            return false;
        groups++;
        s += digits;
        if (!*s)
            break;
        if (*s++ != ':')
            return false;
        if (*s == ':') {
            if (gap)
                return false;
            gap = true;
            s++;
        } else if (!*s) {
            return false;
        }
    }
    return gap ? groups <= 7 : groups == 8;
}

const char *wrong_ip(const char *s)
{
    return is_ipv4(s) || is_ipv6(s) ? NULL : "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
}

/* ---- checks ---- */

bool check_name(const struct check *c, const char *s, name_rule *rule)
{
    const char *wrong = rule(c->run->arena, s);
    if (wrong)
        check_invalid(c, s, wrong);
    return !wrong;
}

bool check_port_number(const struct check *c, int64_t port)
{
    return check_between(c, port, 1, PORT_MAX);
}

/* k8s IsValidPortName: every rule that is broken is reported. */
bool check_port_name(const struct check *c, const char *name)
{
    bool letter = false, strange = false;
    for (const char *p = name; *p; p++) {
        letter = letter || is_lower(*p);
        strange = strange || (!is_lower_alnum(*p) && *p != '-');
    }
    size_t n = strlen(name);
    const struct {
        bool wrong;
        const char *detail;
    } rules[] = {
        {n > PORT_NAME_MAX, "must be no more than 15 bytes"},
        {strange, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"},
        {!letter, "must contain at least one letter (a-z)"},
        {strstr(name, "--") != NULL, "must not contain consecutive hyphens"},
        {n > 0 && (name[0] == '-' || name[n - 1] == '-'), "must not begin or end with a hyphen"},
    };
    bool good = true;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        if (rules[i].wrong) {
            check_invalid(c, name, rules[i].detail);
            good = false;
        }
    }
    return good;
}

bool check_port(const struct check *c, const struct int_or_string *port)
{
    return port->text ? check_port_name(c, port->text) : check_port_number(c, port->number);
}

/* k8s metav1/validation ValidateLabels: the path is that of the whole map. */
void check_labels(struct check *c, const str_map *labels)
{
    for (uint32_t i = 0; i < labels->count; i++) {
        const struct str_pair *pair = &labels->items[i];
        struct check entry = *c; /* the path of the map, the place of the entry */
        const struct value_entry *written = value_entry(c->value, pair->key);
        if (written)
            entry.value = written->value;
        const char *wrong = wrong_qualified_name(c->run->arena, pair->key);
        if (wrong)
            check_invalid(&entry, pair->key, wrong);
        wrong = wrong_label_value(c->run->arena, pair->value);
        if (wrong)
            check_invalid(&entry, pair->value, wrong);
    }
}

static void check_annotations(struct check *c, const str_map *annotations)
{
    int64_t bytes = 0;
    for (uint32_t i = 0; i < annotations->count; i++) {
        const struct str_pair *pair = &annotations->items[i];
        bytes += (int64_t)(strlen(pair->key) + strlen(pair->value));
        struct check entry = *c;
        const struct value_entry *written = value_entry(c->value, pair->key);
        if (written)
            entry.value = written->value;
        /* Keys are compared in lower case: k8s objectmeta.go ValidateAnnotations. */
        char *lower = arena_strdup(c->run->arena, pair->key);
        for (char *p = lower; *p; p++)
            if (*p >= 'A' && *p <= 'Z')
                *p = (char)(*p - 'A' + 'a');
        const char *wrong = wrong_qualified_name(c->run->arena, lower);
        if (wrong)
            check_invalid(&entry, pair->key, wrong);
    }
    if (bytes > ANNOTATION_BYTES_MAX)
        check_too_long(c, ANNOTATION_BYTES_MAX);
}

/* k8s objectmeta.go ValidateOwnerReferences */
static void check_owners(struct check *c, const struct object_meta *m)
{
    const char *controller = NULL;
    for (uint32_t i = 0; i < m->owner_references.count; i++) {
        const struct owner_reference *o = &m->owner_references.items[i];
        struct check item = check_at_item(c, i);
        if (!o->api_version)
            check_invalid(AT(&item, "apiVersion"), "", "version must not be empty");
        if (!o->kind)
            check_invalid(AT(&item, "kind"), "", "must not be empty");
        if (!o->name)
            check_invalid(AT(&item, "name"), "", "must not be empty");
        if (!o->uid)
            check_invalid(AT(&item, "uid"), "", "must not be empty");
        if (!o->controller.set || !o->controller.value)
            continue;
        if (controller)
            check_report(c, NULL,
                         "Invalid value: Only one reference can have Controller set to true. Found \"true\" "
                         "in references for %s and %s",
                         controller, o->name ? o->name : "");
        controller = o->name ? o->name : "";
    }
}

void check_object_meta(struct check *c, const struct object_meta *m, name_rule *rule)
{
    enum { GENERATED_SUFFIX = 5 };
    if (m->generate_name) {
        /* k8s names.go maskTrailingDash: what is appended ends in a letter or digit. */
        size_t n = strlen(m->generate_name);
        const char *wrong = rule(c->run->arena, n > LABEL_MAX - GENERATED_SUFFIX
                                                    ? "a"
                                                    : arena_printf(c->run->arena, "%sa", m->generate_name));
        if (wrong)
            check_invalid(AT(c, "generateName"), m->generate_name, wrong);
    }
    if (m->name)
        check_name(AT(c, "name"), m->name, rule);
    else if (!m->generate_name)
        check_required(AT(c, "name"), "name or generateName is required");
    if (m->namespace_)
        check_name(AT(c, "namespace"), m->namespace_, wrong_dns1123_label);
    check_labels(AT(c, "labels"), &m->labels);
    check_annotations(AT(c, "annotations"), &m->annotations);
    check_owners(AT(c, "ownerReferences"), m);
    for (uint32_t i = 0; i < m->finalizers.count; i++)
        check_name(AT_ITEM(AT(c, "finalizers"), i), m->finalizers.items[i], wrong_qualified_name);
}
