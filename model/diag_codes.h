/* diag_codes.h - the classes of what can be wrong with what the user gave us. Their numbers are stable: scripts and
 * editors know them; a class that is given up leaves a gap. `podsim help diagnostics` prints this table, and
 * docs/diagnostics.md is checked against it.
 */
#ifndef MODEL_DIAG_CODES_H
#define MODEL_DIAG_CODES_H

/*    id           number level    name              what is wrong, and what helps */
#define DIAG_CODES(X)                                                                                                  \
    X(FILE,        100, ERROR,   "file",             "A file cannot be read, or is no text: it must be UTF-8 without control characters.") \
    X(SYNTAX,      101, ERROR,   "syntax",           "The text is neither YAML nor JSON, or uses an anchor that is nowhere defined.")      \
    X(FIELD,       102, ERROR,   "unknown-field",    "A field that its object does not have, often a typing error or a wrong indentation.") \
    X(TYPE,        103, ERROR,   "wrong-type",       "A value of another type than its field has: text for a number, a map for a list.")   \
    X(MISSING,     104, ERROR,   "missing",          "A field that must be set is not.")                                                   \
    X(INVALID,     105, ERROR,   "invalid-value",    "A value of the right type that cannot be meant: out of range, badly formed, or at odds with another.") \
    X(UNSUPPORTED, 106, ERROR,   "unsupported-value", "A value that is none of those that the field knows.")                               \
    X(DUPLICATE,   107, ERROR,   "duplicate",        "Something is said twice: a key of a map, a name in a list, an object.")              \
    X(FORBIDDEN,   108, ERROR,   "forbidden",        "A field that may not be set here.")                                                  \
    X(TOO_MUCH,    109, ERROR,   "too-much",         "Too long, too deep or too many: a limit that keeps mistakes and attacks from taking the machine's memory.") \
    X(KIND,        110, ERROR,   "unknown-kind",     "Kubernetes has no such kind in that apiVersion.")                                    \
    X(NOT_MODELLED, 111, ERROR,  "not-modelled",     "Kubernetes has it, podsim does not model it yet.")                                   \
    X(NOT_FOUND,   112, ERROR,   "not-found",        "A name that refers to nothing: a node, an image, a container, a file.")              \
    X(EMPTY,       113, ERROR,   "empty",            "There is nothing to simulate.")                                                      \
    X(CASE,        114, ERROR,   "which-case",       "A scenario with parameters has several cases, or none: --set chooses one.")          \
    X(COMMAND,     120, ERROR,   "command",          "The command line of an action (kubectl or fault) is wrong.")                         \
    X(DROPPED,     201, WARNING, "dropped-field",    "The API server of this Kubernetes version drops the field, as a real one does.")     \
    X(NEVER,       202, WARNING, "never-happens",    "Something that the run ends too early for.")                                         \
    X(SCRIPT,      203, WARNING, "found-in-run",     "A mistake that only the run could find, such as a syntax error in a script that it reached.") \
    X(NO_EFFECT,   204, NOTE,    "no-effect",        "A field that is accepted and has no effect on the simulation.")                                 \
    X(UNUSED,      205, WARNING, "unused",           "A parameter of a scenario that stands nowhere.")                                                \
    X(LIMIT,       301, ERROR,   "limit",            "The run reached a limit: of events, of memory, or a loop in which no time passes.")

enum diag_code {
#define X(id, number, level, name, doc) CODE_##id,
    DIAG_CODES(X)
#undef X
        CODE_COUNT
};

#endif
