package journal_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"holdfast/journal"
	"holdfast/kind"
)

// chain makes a sound chain of n entries.
func chain(n int) []journal.Entry {
	var list []journal.Entry
	var last journal.Entry
	for i := range n {
		e := journal.Entry{Workspace: "ws1", At: time.Date(2026, 3, 2, 9, i, 0, 123456789, time.FixedZone("CET", 3600)), ActorID: "p1", Actor: "Ada", Via: "web", Verb: "update",
			Kind: "risk", RecordID: "r1", Title: "Ransomware", Version: int64(i + 1), Reason: "because",
			Changes: []kind.Change{{Field: "title", Before: json.RawMessage(`"a"`), After: json.RawMessage(`"b"`)}}}
		last = e.Seal(last.Seq, last.Hash)
		list = append(list, last)
	}
	return list
}

func verify(list []journal.Entry, end journal.Entry, anchors ...journal.Head) error {
	v := journal.NewVerifier("ws1", anchors)
	for _, e := range list {
		if err := v.Add(e); err != nil {
			return err
		}
	}
	_, err := v.Close(journal.Head{Workspace: "ws1", Seq: end.Seq, Hash: end.Hash})
	return err
}

// Whichever property of whichever entry is touched, verification fails.
func TestEveryPropertyOfAnEntryIsSealed(t *testing.T) {
	touches := map[string]func(e *journal.Entry){
		"workspace": func(e *journal.Entry) { e.Workspace = "ws2" }, "seq": func(e *journal.Entry) { e.Seq++ },
		"at": func(e *journal.Entry) { e.At = e.At.Add(time.Microsecond) }, "actor id": func(e *journal.Entry) { e.ActorID = "p2" },
		"actor": func(e *journal.Entry) { e.Actor = "Bob" }, "via": func(e *journal.Entry) { e.Via = "api" }, "verb": func(e *journal.Entry) { e.Verb = "create" },
		"kind": func(e *journal.Entry) { e.Kind = "asset" }, "record": func(e *journal.Entry) { e.RecordID = "r2" }, "title": func(e *journal.Entry) { e.Title = "" },
		"version": func(e *journal.Entry) { e.Version++ }, "reason": func(e *journal.Entry) { e.Reason = "" },
		"field": func(e *journal.Entry) {
			e.Changes = []kind.Change{{Field: "key", Before: e.Changes[0].Before, After: e.Changes[0].After}}
		},
		"before": func(e *journal.Entry) { e.Changes = []kind.Change{{Field: "title", After: e.Changes[0].After}} },
		"after": func(e *journal.Entry) {
			e.Changes = []kind.Change{{Field: "title", Before: e.Changes[0].Before, After: json.RawMessage(`"c"`)}}
		},
		"no changes": func(e *journal.Entry) { e.Changes = nil }, "prev": func(e *journal.Entry) { e.Prev = "" }, "hash": func(e *journal.Entry) { e.Hash = "" },
	}
	const n = 5
	for name, touch := range touches {
		for i := range n {
			list := chain(n)
			end := list[n-1]
			if i == 0 && name == "prev" {
				continue // the first has none
			}
			touch(&list[i])
			if verify(list, end) == nil {
				t.Errorf("entry %d: %s was touched unseen", i+1, name)
			}
		}
	}
}

// Whoever knows how hashes are computed can seal an altered entry anew, but then the
// next entry, or the head, no longer follows it.
func TestAnEntrySealedAnewBreaksTheChain(t *testing.T) {
	for i := range 5 {
		list := chain(5)
		end := list[4]
		list[i].Actor = "nobody"
		list[i].Hash = list[i].Digest()
		if verify(list, end) == nil {
			t.Errorf("entry %d was replaced unseen", i+1)
		}
	}
}

func TestASoundChainVerifies(t *testing.T) {
	list := chain(5)
	middle := journal.Head{Workspace: "ws1", Seq: 3, Hash: list[2].Hash}
	elsewhere := journal.Head{Workspace: "ws2", Seq: 9, Hash: "x"}
	if err := verify(list, list[4], middle, elsewhere); err != nil {
		t.Error(err)
	}
	if err := verify(nil, journal.Entry{}); err != nil {
		t.Errorf("an empty chain: %v", err)
	}
}

// An entry that went through JSON or a database has the digest it had.
func TestADigestSurvivesStorage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := journal.Entry{Workspace: "ws1", At: time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "at")), Title: rapid.StringMatching(`[a-z<>&" é🙂]*`).Draw(t, "title"), Verb: "update"}
		if rapid.Bool().Draw(t, "with changes") {
			value, err := json.Marshal(rapid.StringMatching(`[a-z<>&" é🙂]*`).Draw(t, "value"))
			if err != nil {
				t.Fatal(err)
			}
			e.Changes = []kind.Change{{Field: "title", After: value}}
		}
		e = e.Seal(0, "")
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var back journal.Entry
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if back.Digest() != e.Hash {
			t.Errorf("the digest of %s changed", text)
		}
	})
}

func TestCuttingDroppingAndReorderingAreSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := chain(8)
		end := list[7]
		i := rapid.IntRange(0, 7).Draw(t, "i")
		var cut []journal.Entry
		switch rapid.SampledFrom([]string{"drop", "cut", "repeat", "swap"}).Draw(t, "crime") {
		case "drop":
			cut = append(append(cut, list[:i]...), list[i+1:]...)
		case "cut":
			cut = list[:i]
		case "repeat":
			cut = append(append(cut, list[:i+1]...), list[i:]...)
		case "swap":
			cut = append(cut, list...)
			j := (i + 1) % 8
			cut[i], cut[j] = cut[j], cut[i]
		}
		if verify(cut, end) == nil {
			t.Errorf("unseen")
		}
	})
}
