#!/usr/bin/env python3
"""Holds the JSON Schema that `podsim schema` prints against a validator: the schema itself, every scenario of
scenarios/, and documents that must be refused. usage: schema.py PODSIM SCENARIOS"""
import json
import os
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print("1..0 # SKIP", missing)
    sys.exit(0)


class Loader(yaml.SafeLoader):
    """Dates are text, as they are for kubectl."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in rows if tag != "tag:yaml.org,2002:timestamp"]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

SCENARIO = "apiVersion: podsim.dev/v1\nkind: Scenario\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
# What must be refused, and the schema that refuses it.
BAD = [
    ("scenario", SCENARIO + "spec: {durration: 5s}"),
    ("scenario", SCENARIO + "spec: {stop: {after: soon}}"),
    ("scenario", SCENARIO + "spec: {stop: {after: 5 minutes}}"),
    ("scenario", SCENARIO + "spec: {actions: [{kubectl: get pods}]}"),
    ("scenario", SCENARIO + "spec: {actions: [{at: 5s, kubectl: []}]}"),
    ("scenario", SCENARIO + "spec: {timing: {profile: instnt}}"),
    ("scenario", SCENARIO + "spec: {parameters: {a: []}}"),
    ("scenario", SCENARIO + "spec: {parameters: {a: {from: 1}}}"),
    ("scenario", SCENARIO + "spec: {parameters: {'1a': 1}}"),
    ("scenario", SCENARIO + "spec: {exclude: {a: 1}}"),
    ("scenario", SCENARIO + "spec: {seed: five}"),
    ("scenario", SCENARIO + "spec: {nodes: [{memory: 16 Gi}]}"),
    ("scenario", SCENARIO + "spec: {kubernetesVersion: newest}"),
    ("scenario", SCENARIO + "spec: {tags: [1]}"),
    ("scenario", "apiVersion: podsim.dev/v2\nkind: Scenario"),
    ("all", "apiVersion: podsim.dev/v1\nkind: Scenaro"),
    ("all", POD + "spec: {containers: [{name: a, imag: b}]}"),
    ("all", POD + "spec: {terminationGracePeriodSeconds: '30'}"),
    ("pod", POD + "spec: {restartPolicy: Allways, containers: []}"),
    ("kubeletconfiguration", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: many"),
]
GOOD = [
    ("scenario", SCENARIO + "spec: {seed: '${{seed}}', stop: {after: '${{t}}s'}, timing: {profile: '${{p}}'}}"),
    ("scenario", SCENARIO + "spec: {stop: {after: 1m30.5s, quiet: 20}, kubernetesVersion: 1.36, tags: slow}"),
    ("scenario", SCENARIO + "spec: {parameters: {a: [1, x], b: {from: 1, to: 2}, c: 1.5}, exclude: [{a: 1}]}"),
    ("scenario", SCENARIO + "spec: {actions: [{at: 5, kubectl: [get pods, get nodes]}, {at: 1.5s, fault: x}]}"),
    ("scenario", SCENARIO + "spec: {nodes: [{cpu: 500m, memory: 16Gi, capacity: {nvidia.com/gpu: 2}}]}"),
    ("pod", POD + "spec: {terminationGracePeriodSeconds: '${{grace}}', containers: [{name: a, image: b}]}"),
]

podsim, scenarios = sys.argv[1:3]
validators = {}
results = []


def validator(kind):
    if kind not in validators:
        schema = json.loads(subprocess.run([podsim, "schema", "--kind", kind], check=True, capture_output=True).stdout)
        jsonschema.Draft7Validator.check_schema(schema)
        validators[kind] = jsonschema.Draft7Validator(schema)
    return validators[kind]


def check(name, problems):
    results.append(not problems)
    for problem in problems:
        print("#", str(problem).replace("\n", "\n# "))
    print("%s %d - %s" % ("not ok" if problems else "ok", len(results), name))


def mistakes(kind, document):
    return ["%s: %s" % ("/".join(map(str, e.absolute_path)), e.message) for e in validator(kind).iter_errors(document)]


def files():
    for directory, _, names in sorted(os.walk(scenarios)):
        for name in sorted(names):
            if name.endswith((".yaml", ".json")):
                yield os.path.join(directory, name)


for kind in ["all", "config", "scenario", "imagecatalogue", "behaviour", "kubeletconfiguration", "pod", "deployment"]:
    try:
        validator(kind)
        check("the schema of %s is one" % kind, [])
    except jsonschema.SchemaError as wrong:
        check("the schema of %s is one" % kind, [wrong.message])
for file in files():
    with open(file, encoding="utf-8") as stream:
        documents = [d for d in yaml.load_all(stream, Loader) if d]
    check(os.path.relpath(file, scenarios), [m for d in documents for m in mistakes("all", d)])
for kind, text in BAD:
    wrong = mistakes(kind, yaml.load(text, Loader))
    check("refused: " + " ".join(text.split("\n")[-1:]), [] if wrong else ["it is not"])
for kind, text in GOOD:
    check("good: " + " ".join(text.split("\n")[-1:]), mistakes(kind, yaml.load(text, Loader)))
print("1..%d" % len(results))
sys.exit(not all(results))
