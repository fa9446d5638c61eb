"""Requirement libraries read from files: counts as the truth has them, and errors that name their place."""

import json

import pytest
import yaml

from audits.frameworks.places import UnreadableFramework
from audits.frameworks.reading import MAX_BYTES, read_framework
from audits.frameworks.selecting import selected_ids
from audits.frameworks.values import Profile, normalised_id

CATALOG = "nist_sp800-53_r5_catalog-min.json"
RESOLVED = "nist_sp800-53_r5_moderate_baseline_resolved-min.json"
PROFILE = "nist_sp800-53_r5_moderate_baseline_profile.json"
ASVS = "owasp_asvs_5.0.0_en.csv"


@pytest.fixture(scope="session")
def frameworks(shared_data):
    return shared_data / "frameworks"


@pytest.fixture(scope="session")
def truth(frameworks):
    return {name: file["counts"] for name, file in json.loads((frameworks / "truth.json").read_text())["files"].items()}


def read(folder, name, **options):
    return read_framework((folder / name).read_bytes(), name, **options)


def problems_of(data, name="library.json"):
    with pytest.raises(UnreadableFramework) as refused:
        read_framework(data, name)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("name", [CATALOG, RESOLVED])
def test_catalogue_counts_equal_truth(frameworks, truth, name):
    library, told = read(frameworks, name), truth[name]
    counts = library.counts()
    assert counts.groups == told["groups"]
    assert counts.requirements == told["controls_all"]
    assert (counts.base, counts.enhancements) == (told["base_controls"], told["enhancements"])
    assert counts.withdrawn == told.get("withdrawn", 0)
    assert counts.active == told["controls_all"] - told.get("withdrawn", 0)
    assert (counts.parts, counts.parameters) == (told["parts_total"], told["params"])
    assert (library.title, library.edition) == (told["title"], told["version"])
    ids = [entry.external_id for entry in library.entries if not entry.is_group]
    assert ids[:3] == told["first_ids"]
    assert ids[-2:] == told["last_ids"]
    families = {key: sum(one.startswith(f"{key}-") for one in ids) for key in told["per_family"]}
    assert families == told["per_family"]


def test_profile_selects_exactly_the_ids_of_the_truth(frameworks, truth):
    profile, library = read(frameworks, PROFILE), read(frameworks, CATALOG)
    assert isinstance(profile, Profile)
    parents = {entry.external_id: entry.parent for entry in library.entries if not entry.is_group}
    found, missing = selected_ids(profile, parents)
    resolved = {entry.external_id for entry in read(frameworks, RESOLVED).entries if not entry.is_group}
    assert len(found) == truth[PROFILE]["include_control_ids"]
    assert set(found) == resolved
    assert missing == truth[PROFILE]["not_in_r5_catalogue_file"]


def test_asvs_as_shipped_needs_no_mapping(frameworks, truth):
    library, told = read(frameworks, ASVS), truth[ASVS]
    groups = [entry for entry in library.entries if entry.is_group]
    assert sum(not entry.parent for entry in groups) == told["chapters"]
    assert sum(bool(entry.parent) for entry in groups) == told["sections"]
    assert library.counts().requirements == told["requirements"]
    assert [len(selection.ids) for selection in library.selections] == list(told["cumulative"].values())
    chapters = {entry.external_id: entry.title for entry in groups if not entry.parent}
    assert chapters == {key: chapter["name"] for key, chapter in told["per_chapter"].items()}
    assert library.edition == "5.0.0"


def test_yaml_of_a_catalogue_reads_as_its_json(frameworks):
    data = json.loads((frameworks / RESOLVED).read_bytes())
    text = yaml.dump(data, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)
    assert read_framework(text.encode(), "library.yaml").entries == read(frameworks, RESOLVED).entries


XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0" uuid="u">
  <metadata><title>Cold chain</title><version>2.0</version></metadata>
  <group id="cc" class="family"><title>Cold chain</title>
    <control id="cc-1" class="requirement"><title>Receive</title>
      <param id="cc-1_prm_1"><label>limit</label><guideline><p>the limit is set</p></guideline></param>
      <prop name="label" value="CC-01"/>
      <link href="#cc-2" rel="related"/>
      <part id="cc-1_smt" name="statement"><p>Goods stay below <insert type="param" id-ref="cc-1_prm_1"/> always.</p>
        <part id="cc-1_smt.a" name="item"><prop name="label">a.</prop><p>Measure.</p>
          <ul><li>at the <em>door</em></li></ul></part>
      </part>
      <control id="cc-1.1" class="requirement-enhancement"><title>Alarm</title>
        <prop name="status">Withdrawn</prop><link href="#cc-2" rel="incorporated-into"/></control>
    </control>
  </group>
</catalog>"""


def test_xml_gives_tree_parts_and_parameters():
    library = read_framework(XML, "library.xml")
    group, control, enhancement = library.entries
    assert (group.is_group, control.parent, enhancement.parent) == (True, "cc", "cc-1")
    assert control.text == "Goods stay below [limit] always.\n  a. Measure.\n- at the door"
    assert (control.label, control.related) == ("CC-01", ["cc-2"])
    assert (enhancement.is_enhancement, enhancement.is_withdrawn) == (True, True)
    assert enhancement.successors == ["cc-2"]
    counts = library.counts()
    assert (counts.parts, counts.parameters, counts.withdrawn, counts.active) == (2, 1, 1, 1)


def test_keys_of_oscal_before_1_0_are_read():
    control = {
        "id": "ac-1",
        "title": "Policy",
        "parameters": {"ac-1_prm_1": {"label": "people"}},
        "properties": [{"name": "label", "value": "AC-1"}, {"name": "status", "value": "Withdrawn"}],
        "parts": [{"name": "statement", "prose": "Tell {{ ac-1_prm_1 }}."}],
        "subcontrols": [{"id": "ac-1.1", "title": "More"}],
    }
    data = {
        "catalog": {
            "metadata": {"title": "Old", "version": "1"},
            "groups": {"id": "ac", "title": "A", "controls": [control]},
        }
    }
    _group, first, second = read_framework(json.dumps(data).encode(), "old.json").entries
    assert (first.label, first.text, first.is_withdrawn) == ("AC-1", "Tell [people].", True)
    assert second.is_enhancement


def test_profiles_of_all_ages_select():
    parents = {"a-1": "", "a-1.1": "a-1", "a-2": "", "b-1": ""}

    def chosen(item):
        data = {"profile": {"metadata": {"title": "P", "version": "1"}, "imports": [{"href": "#x"} | item]}}
        return selected_ids(read_framework(json.dumps(data).encode(), "p.json"), parents)[0]

    assert chosen({"include": {"calls": [{"control-id": "a-1", "with-child-controls": "yes"}]}}) == ["a-1", "a-1.1"]
    assert chosen({"include": {"id-selectors": [{"control-id": "b-1"}]}}) == ["b-1"]
    assert chosen({"include-controls": [{"matching": [{"pattern": "a-*"}]}]}) == ["a-1", "a-1.1", "a-2"]
    assert chosen({"include-all": {}, "exclude-controls": [{"with-ids": ["a-2"]}]}) == ["a-1", "a-1.1", "b-1"]
    assert chosen({}) == list(parents)


NODES = """
urn: urn:x:risk:library:rules
name: Rules
version: 3
copyright: ours
objects:
  framework:
    urn: urn:x:risk:framework:rules
    name: Rules for cold goods
    implementation_groups_definition:
    - {ref_id: B, name: Basic}
    requirement_nodes:
    - {urn: "urn:x:1", assessable: false, depth: 1, ref_id: "1", name: Doors}
    - {urn: "urn:x:1.2", assessable: true, parent_urn: "urn:x:1", ref_id: "1.2", description: Close doors.,
       implementation_groups: [B]}
    - {urn: "urn:x:1.10", assessable: true, parent_urn: "urn:x:1", ref_id: "1.10", description: Alarm.,
       annotation: Test it.}
"""


def test_node_lists_become_a_tree_with_levels():
    library = read_framework(NODES.encode(), "rules.yaml")
    group, first, second = library.entries
    assert (group.is_group, first.parent, second.guidance) == (True, "urn:x:1", "Test it.")
    assert (library.edition, library.title, second.label) == ("3", "Rules for cold goods", "1.10")
    assert [(one.title, one.ids) for one in library.selections] == [("Basic", ["urn:x:1.2"])]


def test_parents_in_a_circle_are_named():
    text = NODES.replace("assessable: false, depth: 1", 'assessable: false, depth: 1, parent_urn: "urn:x:1.2"')
    (problem,) = problems_of(text.encode(), "rules.yaml")
    assert "its own parent" in problem
    assert problem.startswith("requirement_nodes")


def test_missing_and_repeated_ids_are_named_with_their_place():
    controls = [{"title": "No id"}, {"id": "a", "title": "A"}, {"id": "a", "title": "Again"}]
    data = {"catalog": {"metadata": {"title": "T"}, "groups": [{"id": "g", "title": "G", "controls": controls}]}}
    first, second = problems_of(json.dumps(data).encode())
    assert first.startswith("groups 1 › controls 1: It has no id.")
    assert second == "groups 1 › controls 3: The id “a” is used already at groups 1 › controls 2."


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.json", "empty"),
        (b'{"catalog": {', "a.json", "line 1: The JSON is not well formed"),
        (b'{"catalog": "caf\xe9"}', "a.json", "line 1: The text is not UTF-8"),
        (b"{" + b'"a":{' * 90_000, "a.json", "JSON"),
        (b"a: &x [1]\nb: *x\n", "a.yaml", "line 2: Aliases"),
        (b"a: 1\na: 2\n", "a.yaml", "line 2: The key"),
        (b"[" * 3000, "a.yaml", "JSON"),
        (b"- " * 300 + b"x", "a.yaml", "Nested more than 64"),
        (b'<!DOCTYPE x [<!ENTITY e "e">]><catalog/>', "a.xml", "line 1: A DOCTYPE"),
        (b"<catalog><a></catalog>", "a.xml", "line 1: The XML is not well formed"),
        (b'{"hello": 1}', "a.json", "no requirement library"),
        (b"id,text\n", "a.csv", "headings but no rows"),
        (b"colour,shape\nred,round\n", "a.csv", "No column holds an id"),
        (b"id,text\n1,One\n1,Two\n", "a.csv", "line 3: The id"),
        (b"id,text,parent\n1,One,2\n2,Two,1\n", "a.csv", "its own parent"),
        (b"\x00\x01\x02", "a.yaml", "not a text"),
    ],
)
def test_bad_files_say_what_is_wrong_and_where(data, name, said):
    assert said in " ".join(problems_of(data, name))


def test_a_file_of_50_mb_is_refused_at_once():
    (problem,) = problems_of(b" " * (50 * 1024**2) + b"{}")
    assert problem == f"The file is 50 MB large; at most {MAX_BYTES // 1024**2} MB are read."


@pytest.mark.parametrize("text", ["AC-02(01)", "ac-2.1", "AC-2(1)", "AC 2 (1)"])
def test_spellings_of_one_number_agree(text):
    assert normalised_id(text) == "ac.2.1"
