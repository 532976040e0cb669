/* jsonpath_private.h - what a template is parsed into: shared by jsonpath_parse.c and jsonpath.c. */
#ifndef MODEL_JSONPATH_PRIVATE_H
#define MODEL_JSONPATH_PRIVATE_H

#include "model/apitype.h"
#include "model/jsonpath.h"

/* k8s util/jsonpath/node.go */
enum jsonpath_kind {
    JSONPATH_LIST,    /* {...}: list; each step on the results of the one before */
    JSONPATH_LITERAL, /* text, a number, true or false: value */
    JSONPATH_FIELD,   /* text */
    JSONPATH_ARRAY,   /* params */
    JSONPATH_FILTER,  /* list, right, text: the operator; NULL = exists */
    JSONPATH_WILDCARD,
    JSONPATH_RECURSIVE,
    JSONPATH_UNION,      /* list: of lists */
    JSONPATH_IDENTIFIER, /* text: range, end */
};

struct jsonpath_param {
    int64_t value;
    bool known, derived;
};

struct jsonpath_node;
typedef LIST_OF(struct jsonpath_node) jsonpath_nodes;

struct jsonpath_node {
    enum jsonpath_kind kind;
    const char *text;
    const struct value *value;
    struct jsonpath_param params[3]; /* from, to, step */
    jsonpath_nodes list, right;
};

struct jsonpath {
    jsonpath_nodes root; /* LIST and LITERAL */
    struct jsonpath_error doubt;
};

#endif
