package coverage

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// said is what a test expects of a conclusion: ids only.
type said struct {
	Level                 Level
	Whole, Parts, Against []string
}

func ids(list []Source) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.ID)
	}
	slices.Sort(out)
	return out
}

func TestWhatFollowsFromMappings(t *testing.T) {
	pair := func(a string, r Relation, b string) Pair { return Pair{a, r, b, 3, "test"} }
	for _, c := range []struct {
		name  string
		pairs []Pair
		known map[string]Level
		ask   string
		want  said
	}{
		{"equal answers from source to target", []Pair{pair("a", Equal, "b")}, map[string]Level{"a": Met}, "b", said{Level: Met, Whole: []string{"a"}}},
		{"equal answers from target to source", []Pair{pair("a", Equal, "b")}, map[string]Level{"b": Met}, "a", said{Level: Met, Whole: []string{"b"}}},
		{"equal carries what is partly met", []Pair{pair("a", Equal, "b")}, map[string]Level{"a": Partly}, "b", said{Level: Partly, Parts: []string{"a"}}},
		{"who meets the whole meets its part", []Pair{pair("part", Subset, "whole")}, map[string]Level{"whole": Met}, "part", said{Level: Met, Whole: []string{"whole"}}},
		{"who meets a part does not meet the whole", []Pair{pair("part", Subset, "whole")}, map[string]Level{"part": Met}, "whole", said{Level: Partly, Parts: []string{"part"}}},
		{"superset is subset read from the other end", []Pair{pair("whole", Superset, "part")}, map[string]Level{"whole": Met}, "part", said{Level: Met, Whole: []string{"whole"}}},
		{"a part of what is partly met may be the missing part", []Pair{pair("part", Subset, "whole")}, map[string]Level{"whole": Partly}, "part", said{}},
		{"several parts together are never the whole", []Pair{pair("p", Subset, "w"), pair("q", Subset, "w"), pair("w", Superset, "r")},
			map[string]Level{"p": Met, "q": Met, "r": Met}, "w", said{Level: Partly, Parts: []string{"p", "q", "r"}}},
		{"published error: of three sources only one was kept", []Pair{pair("a", Equal, "x"), pair("x", Subset, "b"), pair("c", Superset, "x")},
			map[string]Level{"a": Met, "b": Met, "c": Met}, "x", said{Level: Met, Whole: []string{"a", "b", "c"}}},
		{"published error: intersecting was taken for equal", []Pair{pair("a", Intersects, "x"), pair("x", Intersects, "b")},
			map[string]Level{"a": Met, "b": Met}, "x", said{}},
		{"an intersecting link breaks the chain", []Pair{pair("a", Equal, "b"), pair("b", Intersects, "c"), pair("c", Equal, "d")}, map[string]Level{"a": Met}, "d", said{}},
		{"equal and subset chain", []Pair{pair("a", Superset, "b"), pair("b", Equal, "c"), pair("d", Subset, "c")}, map[string]Level{"a": Met}, "d", said{Level: Met, Whole: []string{"a"}}},
		{"a part of a part counts as a part", []Pair{pair("a", Subset, "b"), pair("b", Subset, "c")}, map[string]Level{"a": Met}, "c", said{Level: Partly, Parts: []string{"a"}}},
		{"what contains a part of the whole answers that part", []Pair{pair("big", Superset, "part"), pair("whole", Superset, "part")},
			map[string]Level{"big": Met}, "whole", said{Level: Partly, Parts: []string{"big"}}},
		{"partly met, then a part of it: nothing follows sideways", []Pair{pair("big", Superset, "part"), pair("whole", Superset, "part")},
			map[string]Level{"big": Partly}, "whole", said{}},
		{"a circle ends and agrees", []Pair{pair("a", Subset, "b"), pair("b", Subset, "c"), pair("c", Subset, "a")}, map[string]Level{"a": Met}, "b", said{Level: Met, Whole: []string{"a"}}},
		{"what fails in a part cannot be met as a whole", []Pair{pair("part", Subset, "whole"), pair("other", Equal, "whole")},
			map[string]Level{"part": Fails, "other": Met}, "whole", said{Level: Met, Whole: []string{"other"}, Against: []string{"part"}}},
		{"that the whole fails says nothing against a part", []Pair{pair("part", Subset, "whole")}, map[string]Level{"whole": Fails}, "part", said{}},
		{"what was never compared is unknown", nil, map[string]Level{"a": Met}, "a", said{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := New(c.pairs)
			if err != nil {
				t.Fatal(err)
			}
			got := g.Conclude(c.ask, c.known)
			if diff := cmp.Diff(c.want, said{got.Level, ids(got.Whole), ids(got.Parts), ids(got.Against)}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOfSeveralWaysTheSurestIsKeptThenTheShortest(t *testing.T) {
	g, err := New([]Pair{
		{"a", Equal, "z", 2, "short but doubtful"},
		{"a", Equal, "m", 4, "one"}, {"m", Equal, "z", 5, "two"},
		{"a", Equal, "n", 4, "longer"}, {"n", Equal, "o", 4, "longer"}, {"o", Equal, "z", 4, "longer"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := g.Conclude("z", map[string]Level{"a": Met}).Whole
	want := []Source{{ID: "a", Level: Met, Confidence: 4, Path: []Step{
		{From: "a", To: "m", Pair: Pair{"a", Equal, "m", 4, "one"}}, {From: "m", To: "z", Pair: Pair{"m", Equal, "z", 5, "two"}},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAWrongPairIsRefusedWithItsEnds(t *testing.T) {
	for _, p := range []Pair{
		{"", Equal, "b", 3, ""}, {"a", Equal, "", 3, ""}, {"a", Equal, "a", 3, ""}, {"a", "same", "b", 3, ""}, {"a", Equal, "b", 0, ""}, {"a", Equal, "b", 6, ""},
	} {
		if _, err := New([]Pair{p}); err == nil {
			t.Errorf("%+v was taken", p)
		}
	}
}

// names keeps the worlds small, so that circles and diamonds are common.
var names = []string{"a", "b", "c", "d", "e", "f", "g"}

func worlds(t *rapid.T) ([]Pair, map[string]Level) {
	pairs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Pair {
		a := rapid.IntRange(0, len(names)-1).Draw(t, "source")
		b := (a + rapid.IntRange(1, len(names)-1).Draw(t, "step")) % len(names)
		return Pair{names[a], rapid.SampledFrom([]Relation{Equal, Subset, Superset, Intersects}).Draw(t, "relation"), names[b], rapid.IntRange(1, 5).Draw(t, "confidence"), ""}
	}), 0, 14).Draw(t, "pairs")
	known := map[string]Level{}
	for _, n := range names {
		if l := rapid.SampledFrom([]Level{Fails, Unknown, Unknown, Partly, Met}).Draw(t, n); l != Unknown {
			known[n] = l
		}
	}
	return pairs, known
}

// A fact is one row of a relation: from a at confidence c follows b.
type fact struct {
	a, b string
	c    int
}

// reference computes by naive joins until nothing is added, straight from the
// sentences in the documentation of the package.
type reference struct {
	full     map[fact]bool // a met ⇒ b met
	partFull map[fact]bool // a met ⇒ b partly met
	partPart map[fact]bool // a partly met ⇒ b partly met
}

func refer(pairs []Pair) reference {
	full, part, same := map[fact]bool{}, map[fact]bool{}, map[fact]bool{}
	for _, p := range pairs {
		st, ts := fact{p.Source, p.Target, p.Confidence}, fact{p.Target, p.Source, p.Confidence}
		switch p.Relation {
		case Equal:
			full[st], full[ts], same[st], same[ts] = true, true, true, true
		case Subset:
			full[ts], part[st] = true, true
		case Superset:
			full[st], part[ts] = true, true
		}
	}
	for _, n := range names {
		full[fact{n, n, 5}] = true
	}
	carries := union(part, same) // partly met stays partly met
	for _, n := range names {
		carries[fact{n, n, 5}] = true
	}
	carries = closure(carries)
	full = closure(full)
	return reference{full: full, partFull: join(join(full, part), carries), partPart: carries}
}

func union(sets ...map[fact]bool) map[fact]bool {
	out := map[fact]bool{}
	for _, s := range sets {
		maps.Copy(out, s)
	}
	return out
}

func join(x, y map[fact]bool) map[fact]bool {
	out := map[fact]bool{}
	for p := range x {
		for q := range y {
			if p.b == q.a {
				out[fact{p.a, q.b, min(p.c, q.c)}] = true
			}
		}
	}
	return out
}

func closure(r map[fact]bool) map[fact]bool {
	for {
		more := union(r, join(r, r))
		if len(more) == len(r) {
			return r
		}
		r = more
	}
}

// best is the greatest confidence of a row from a to b; 0: there is none.
func best(r map[fact]bool, a, b string) (c int) {
	for k := range r {
		if k.a == a && k.b == b {
			c = max(c, k.c)
		}
	}
	return c
}

// conclude answers like Graph.Conclude, without paths: source to confidence.
func (r reference) conclude(goal string, known map[string]Level) (whole, parts, against map[string]int) {
	whole, parts, against = map[string]int{}, map[string]int{}, map[string]int{}
	for _, n := range names {
		if n == goal {
			continue
		}
		switch known[n] {
		case Met:
			if c := best(r.full, n, goal); c > 0 {
				whole[n] = c
			} else if c := best(r.partFull, n, goal); c > 0 {
				parts[n] = c
			}
		case Partly:
			if c := best(r.partPart, n, goal); c > 0 {
				parts[n] = c
			}
		case Fails:
			if c := best(r.full, goal, n); c > 0 {
				against[n] = c
			}
		}
	}
	return whole, parts, against
}

func confidences(list []Source) map[string]int {
	out := map[string]int{}
	for _, s := range list {
		out[s.ID] = s.Confidence
	}
	return out
}

func TestConclusionsEqualThoseOfNaiveJoins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs, known := worlds(t)
		g, err := New(pairs)
		if err != nil {
			t.Fatal(err)
		}
		ref := refer(pairs)
		levels := g.Levels(known)
		for _, n := range names {
			if _, named := g.index[n]; !named {
				continue
			}
			got := g.Conclude(n, known)
			whole, parts, against := ref.conclude(n, known)
			for what, d := range map[string]string{"whole": cmp.Diff(whole, confidences(got.Whole)), "parts": cmp.Diff(parts, confidences(got.Parts)), "against": cmp.Diff(against, confidences(got.Against))} {
				if d != "" {
					t.Fatalf("%s of %s: %s", what, n, d)
				}
			}
			if want := max(got.Level, known[n], Unknown); levels[n] != want {
				t.Fatalf("level of %s is %v, its sources say %v", n, levels[n], want)
			}
			for _, s := range append(slices.Clone(got.Whole), got.Parts...) {
				checkPath(t, s, n, pairs)
			}
		}
	})
}

// checkPath follows the way from the source to the goal pair by pair.
func checkPath(t *rapid.T, s Source, goal string, pairs []Pair) {
	at, least := s.ID, 5
	for _, step := range s.Path {
		if step.From != at || !slices.Contains(pairs, step.Pair) || !allows(step) {
			t.Fatalf("the way from %s to %s breaks at %+v", s.ID, goal, step)
		}
		at, least = step.To, min(least, step.Pair.Confidence)
	}
	if at != goal || least != s.Confidence || len(s.Path) == 0 {
		t.Fatalf("the way from %s ends at %s with %d, not at %s with %d", s.ID, at, least, goal, s.Confidence)
	}
}

// allows tells whether the pair says what the step claims.
func allows(s Step) bool {
	forward := s.Pair.Source == s.From && s.Pair.Target == s.To
	if !forward && (s.Pair.Source != s.To || s.Pair.Target != s.From) {
		return false
	}
	switch s.Pair.Relation {
	case Equal:
		return !s.Part
	case Subset:
		return s.Part == forward
	case Superset:
		return s.Part != forward
	}
	return false
}

func TestTheOrderOfThePairsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs, known := worlds(t)
		other := rapid.Permutation(pairs).Draw(t, "order")
		a, err1 := New(pairs)
		b, err2 := New(other)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for _, n := range names {
			if d := cmp.Diff(a.Conclude(n, known), b.Conclude(n, known)); d != "" {
				t.Fatalf("%s: %s", n, d)
			}
		}
	})
}

func TestMoreWorkNeverTakesAConclusionAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs, known := worlds(t)
		g, err := New(pairs)
		if err != nil {
			t.Fatal(err)
		}
		before := g.Levels(known)
		known[rapid.SampledFrom(names).Draw(t, "done")] = Met
		for n, l := range g.Levels(known) {
			if l < before[n] {
				t.Fatalf("%s fell from %v to %v", n, before[n], l)
			}
		}
	})
}

func BenchmarkInference(b *testing.B) {
	for _, n := range []int{500, 2000, 8000} {
		var pairs []Pair
		known := map[string]Level{}
		for i := range n {
			rel := []Relation{Equal, Subset, Superset, Intersects, Intersects}[i%5]
			pairs = append(pairs, Pair{fmt.Sprintf("a%d", i%(n/3)), rel, fmt.Sprintf("b%d", (i*7919)%(n/2)), 1 + i%5, "bench"})
			if i%3 == 0 {
				known[fmt.Sprintf("a%d", i%(n/3))] = Met
			}
		}
		b.Run(fmt.Sprintf("levels/pairs=%d", n), func(b *testing.B) {
			for b.Loop() {
				g, err := New(pairs)
				if err != nil {
					b.Fatal(err)
				}
				g.Levels(known)
			}
		})
		b.Run(fmt.Sprintf("conclude/pairs=%d", n), func(b *testing.B) {
			g, err := New(pairs)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				g.Conclude("b1", known)
			}
		})
	}
}
