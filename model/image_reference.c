/* image_reference.c - references of images, and what containerd says when a pull fails.
 *
 * Mirrors distribution/reference: the grammar of its doc comment, ParseDockerRef.
 */
#include "model/image.h"

#include <string.h>

struct image_reference image_reference(const char *text)
{
    const char *digest = strchr(text, '@');
    size_t n = digest ? (size_t)(digest - text) : strlen(text), end = n;
    for (size_t i = n; i-- > 0 && text[i] != '/';)
        if (text[i] == ':') {
            n = i;
            break;
        }
    return (struct image_reference){
        .text = text,
        .repository = n,
        .rest = text + n,
        .tag = n < end ? text + n + 1 : "",
        .tag_len = n < end ? end - n - 1 : 0,
        .digest = digest ? digest : "",
    };
}

/* ---- references: distribution/reference, grammar in its doc comment ---- */

static bool is_lower_or_digit(char ch) { return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'); }
static bool is_upper(char ch) { return ch >= 'A' && ch <= 'Z'; }

/* [a-z0-9]+ separated by ".", "_", "__" or any number of "-". */
static bool valid_component(const char *s, size_t n)
{
    size_t i = 0;
    for (;;) {
        size_t start = i;
        while (i < n && is_lower_or_digit(s[i]))
            i++;
        if (i == start)
            return false;
        if (i == n)
            return true;
        if (s[i] == '-') {
            while (i < n && s[i] == '-')
                i++;
        } else if (s[i] == '_' && i + 1 < n && s[i + 1] == '_') {
            i += 2;
        } else if (s[i] == '.' || s[i] == '_') {
            i++;
        } else {
            return false;
        }
    }
}

/* A registry host: has a dot or a colon, or is localhost. */
static bool is_domain(const char *s, size_t n)
{
    bool special = n == 9 && memcmp(s, "localhost", 9) == 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '.' || s[i] == ':' || is_upper(s[i]))
            special = true;
        else if (!is_lower_or_digit(s[i]) && s[i] != '-')
            return false;
    }
    return special;
}

static bool valid_tag(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_lower_or_digit(s[i]) && !is_upper(s[i]) && s[i] != '_' && (i == 0 || (s[i] != '.' && s[i] != '-')))
            return false;
    return n > 0 && n <= 128;
}

static bool valid_digest(const char *s)
{
    const char *colon = strchr(s, ':');
    if (!colon || colon == s || strlen(colon + 1) < 32)
        return false;
    for (const char *p = colon + 1; *p; p++)
        if (!is_lower_or_digit(*p) && !is_upper(*p))
            return false;
    return true;
}

const char *image_reference_error(struct arena *a, const char *reference)
{
    size_t n = image_reference(reference).repository, at = 0;
    const char *digest = strchr(reference, '@');
    size_t end = digest ? (size_t)(digest - reference) : strlen(reference);
    bool ok = n > 0 && n <= 255 && (!digest || valid_digest(digest + 1));

    if (ok && n < end)
        ok = valid_tag(reference + n + 1, end - n - 1);
    bool upper = false;
    for (bool first = true; ok && at <= n; first = false) {
        size_t k = at;
        while (k < n && reference[k] != '/')
            k++;
        if (!(first && k < n && is_domain(reference + at, k - at)) && !valid_component(reference + at, k - at)) {
            ok = false;
            for (size_t i = at; i < k; i++)
                if (is_upper(reference[i]))
                    upper = true;
        }
        at = k + 1;
    }
    if (ok)
        return NULL;
    if (upper)
        return arena_printf(
            a, "couldn't parse image name \"%s\": invalid reference format: repository name (%s%.*s) must be lowercase",
            reference, memchr(reference, '/', n) ? "" : "library/", (int)n, reference);
    return arena_printf(a, "couldn't parse image name \"%s\": invalid reference format", reference);
}

bool image_tag_is_latest(const char *reference)
{
    if (strchr(reference, '@'))
        return false;
    size_t n = image_reference(reference).repository;
    return !reference[n] || strcmp(reference + n, ":latest") == 0;
}

/* ---- what goes wrong with a pull ---- */

struct full_name {
    const char *host; /* "docker.io" */
    const char *path; /* "library/nginx" */
    const char *tag;  /* "latest", or a digest */
    const char *text; /* "docker.io/library/nginx:latest" */
};

/* distribution/reference: ParseDockerRef. */
static struct full_name full_name(struct arena *a, const char *reference)
{
    const char *slash = strchr(reference, '/');
    size_t host = slash ? (size_t)(slash - reference) : 0;
    bool has_host = slash && (memchr(reference, '.', host) || memchr(reference, ':', host) ||
                              (host == 9 && memcmp(reference, "localhost", 9) == 0));
    const char *rest = has_host ? slash + 1 : reference, *last = strrchr(rest, '/');
    const char *tag = strpbrk(last ? last : rest, ":@");
    struct full_name n = {
        .host = has_host ? arena_strndup(a, reference, host) : "docker.io",
        .tag = tag ? tag + 1 : "latest",
    };
    const char *name = tag ? arena_strndup(a, rest, (size_t)(tag - rest)) : rest;
    n.path = has_host || slash ? name : arena_printf(a, "library/%s", name);
    n.text = arena_printf(a, "%s/%s%s%s", n.host, n.path, tag ? "" : ":latest", tag ? tag : "");
    return n;
}

static const char *registry_url(struct arena *a, const struct full_name *n)
{
    const char *host = strcmp(n->host, "docker.io") == 0 ? "registry-1.docker.io" : n->host;
    return arena_printf(a, "https://%s/v2/%s", host, n->path);
}

const char *image_not_found_error(struct arena *a, const char *reference)
{
    struct full_name n = full_name(a, reference);
    return arena_printf(a,
                        "rpc error: code = NotFound desc = failed to pull and unpack image \"%s\": failed to resolve "
                        "reference \"%s\": %s: not found",
                        n.text, n.text, n.text);
}

const char *image_unavailable_error(struct arena *a, const char *reference)
{
    struct full_name n = full_name(a, reference);
    return arena_printf(
        a,
        "rpc error: code = Unknown desc = failed to pull and unpack image \"%s\": failed to resolve "
        "reference \"%s\": unexpected status from HEAD request to %s/manifests/%s: 503 Service Unavailable",
        n.text, n.text, registry_url(a, &n), n.tag);
}

const char *image_broken_error(struct arena *a, const char *reference)
{
    struct full_name n = full_name(a, reference);
    return arena_printf(a,
                        "rpc error: code = Unknown desc = failed to pull and unpack image \"%s\": failed to copy: "
                        "httpReadSeeker: failed open: unexpected status code %s/manifests/%s: 503 Service Unavailable",
                        n.text, registry_url(a, &n), n.tag);
}
