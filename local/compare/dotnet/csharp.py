"""Reads C# with tree-sitter, which parses today's C# without the .NET SDK.

Standard input: {"files": {name: path}, "lowered": folder or null, "valueTypes": [name]}. Standard output: by name, the
faults of the syntax, the types that the file declares, and the names that it uses.

With `lowered`, writes each file in the C# of Mono's compiler: without nullable references, and without the members of
interfaces that have a body (C# 8).
"""

import json
import pathlib
import sys

import tree_sitter_c_sharp
from tree_sitter import Language, Node, Parser

TYPES = {"class_declaration": "class", "interface_declaration": "interface", "enum_declaration": "enum"}
MEMBERS = {"property_declaration": "property", "method_declaration": "method", "enum_member_declaration": "value"}
VALUE_TYPES = {"bool", "double", "int", "System.DateTime"}


def text(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text is not None else ""


def walk(node: Node):
    yield node
    for child in node.children:
        yield from walk(child)


def faults(root: Node) -> list[str]:
    nodes = walk(root) if root.has_error else []
    return [
        f"line {node.start_point.row + 1}: {text(node)[:60] or 'something is missing'}"
        for node in nodes
        if node.is_error or node.is_missing
    ]


def members(declaration: Node) -> list[dict]:
    body = declaration.child_by_field_name("body")
    return [
        {
            "kind": MEMBERS[node.type],
            "name": text(node.child_by_field_name("name")),
            "modifiers": [text(child) for child in node.children if child.type == "modifier"],
        }
        for node in (body.named_children if body else [])
        if node.type in MEMBERS
    ]


def types(root: Node) -> list[dict]:
    """The types that stand in a namespace. Types within types are of the generator's own use."""
    return [
        {
            "kind": TYPES[node.type],
            "namespace": text(space.child_by_field_name("name")),
            "name": text(node.child_by_field_name("name")),
            "members": members(node),
        }
        for space in walk(root)
        if space.type == "namespace_declaration"
        for node in space.child_by_field_name("body").named_children
        if node.type in TYPES
    ]


def uses(root: Node) -> list[dict]:
    """What a program names: `new Type { Property = ... }` and `Type.Member(...)`."""
    found = []
    for node in walk(root):
        if node.type == "object_creation_expression":
            name = text(node.child_by_field_name("type"))
            found.append({"type": name})
            initializer = node.child_by_field_name("initializer")
            for child in initializer.named_children if initializer else []:
                if child.type == "assignment_expression":
                    found.append({"type": name, "member": text(child.child_by_field_name("left"))})
        if node.type == "member_access_expression":
            found.append({
                "type": text(node.child_by_field_name("expression")),
                "member": text(node.child_by_field_name("name")),
            })
    return found


def edits(root: Node, value_types: set[str]):
    """(start, end, text instead) of what C# 7 does not have."""
    for node in walk(root):
        if node.type == "nullable_type" and text(node.child_by_field_name("type")) not in value_types:
            yield node.end_byte - 1, node.end_byte, b""
        if node.type == "postfix_unary_expression" and text(node).endswith("!"):
            yield node.end_byte - 1, node.end_byte, b""
        if node.type == "interface_declaration":
            for member in node.child_by_field_name("body").named_children:
                if member.type == "class_declaration":
                    yield member.start_byte, member.end_byte, b""
                for accessor in walk(member) if member.type == "property_declaration" else []:
                    if accessor.type == "accessor_declaration" and accessor.child_by_field_name("body"):
                        body = accessor.child_by_field_name("body")
                        yield body.start_byte, body.end_byte, b";"


def lowered(source: bytes, root: Node, value_types: set[str]) -> bytes:
    removed_until = 0
    pieces = []
    for start, end, instead in sorted(edits(root, value_types)):
        if start < removed_until:
            continue
        pieces += [source[removed_until:start], instead]
        removed_until = end
    return b"".join([*pieces, source[removed_until:]])


def main() -> None:
    order = json.load(sys.stdin)
    value_types = VALUE_TYPES | set(order["valueTypes"])
    parser = Parser(Language(tree_sitter_c_sharp.language()))
    answer = {}
    for name, path in order["files"].items():
        source = pathlib.Path(path).read_bytes()
        root = parser.parse(source).root_node
        answer[name] = {"faults": faults(root), "types": types(root), "uses": uses(root)}
        if order["lowered"] is not None:
            target = pathlib.Path(order["lowered"], name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(lowered(source, root, value_types))
    json.dump(answer, sys.stdout)


main()
