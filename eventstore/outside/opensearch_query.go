package outside

import (
	"strings"

	"holdfast/eventstore"
)

// A node is a part of the query language of OpenSearch. Values are only ever values in it:
// the language is JSON, which is written by encoding/json.
type node map[string]any

// searchBody is the question as OpenSearch reads it.
func searchBody(q question, store string) (node, error) {
	filter, err := searchFilter(q, store)
	if err != nil {
		return nil, err
	}
	body := node{
		"size": q.Most() + 1, "track_total_hits": true, "query": filter,
		"_source": []string{"store", "position", "time", "received", "source", "peer", "raw", "base64", "cut"},
		"sort":    []node{{"time": node{"order": "desc"}}, {"position": node{"order": "desc"}}},
	}
	if q.After != nil {
		body["search_after"] = []int64{q.After.Time.UnixMicro(), int64(q.After.Position)} //nolint:gosec // positions count lines
	}
	aggs := node{}
	if q.layout != nil {
		aggs["histogram"] = node{"histogram": node{"field": "time", "interval": q.layout.Width, "min_doc_count": 1}}
	}
	for _, name := range q.Facets {
		aggs["facet-"+name] = node{"terms": node{"field": searchField(columnOf(name)), "size": eventstore.FacetValues}}
	}
	if len(aggs) > 0 {
		body["aggs"] = aggs
	}
	return body, nil
}

// spanBody asks for the first and the last instant.
func spanBody(q question, store string) (node, error) {
	filter, err := searchFilter(q, store)
	return node{"size": 0, "track_total_hits": false, "query": filter, "aggs": node{"first": node{"min": node{"field": "time"}}, "last": node{"max": node{"field": "time"}}}}, err
}

// columnOf is the path of a column by the name that a facet has.
func columnOf(name string) string {
	if p := (eventstore.Term{Field: name}).Place(); len(p.Columns) == 1 {
		return p.Columns[0]
	}
	return name
}

// searchField is the field of a column, or of the marks.
func searchField(path string) string {
	switch path {
	case onMarks:
		return "marks"
	case "source", "peer":
		return path
	}
	return "ocsf." + path
}

// searchFilter is what must hold of an event, and what must not.
func searchFilter(q question, store string) (node, error) {
	list, err := clauses(q.Terms)
	if err != nil {
		return nil, err
	}
	positions := node{"lte": uint64(q.upTo)}
	if q.Behind > 0 {
		positions["gt"] = uint64(q.Behind)
	}
	must := []node{{"term": node{"store": node{"value": store}}}, {"range": node{"position": positions}}}
	times := node{}
	if !q.From.IsZero() {
		times["gte"] = q.From.UnixMicro()
	}
	if !q.To.IsZero() {
		times["lt"] = q.To.UnixMicro()
	}
	if len(times) > 0 {
		must = append(must, node{"range": node{"time": times}})
	}
	var mustNot []node
	for _, c := range list {
		if c.not {
			mustNot = append(mustNot, searchClause(c))
		} else {
			must = append(must, searchClause(c))
		}
	}
	all := node{"filter": must}
	if mustNot != nil {
		all["must_not"] = mustNot
	}
	return node{"bool": all}, nil
}

func searchClause(c clause) node {
	if c.any == nil {
		return node{"wildcard": node{"line": node{"value": "*" + literal(c.text) + "*"}}}
	}
	if len(c.any) == 1 {
		return searchProbe(c.any[0])
	}
	var any []node
	for _, p := range c.any {
		any = append(any, searchProbe(p))
	}
	return node{"bool": node{"should": any, "minimum_should_match": 1}}
}

func searchProbe(p probe) node {
	field := searchField(p.field)
	how := node{"value": p.text}
	if p.anyCase {
		how["case_insensitive"] = true
	}
	switch p.asks {
	case begins:
		return node{"prefix": node{field: how}}
	case holds:
		how["value"] = literal(p.head) + "*" + literal(p.text) + "*"
		return node{"wildcard": node{field: how}}
	case present:
		return node{"bool": node{"filter": []node{{"exists": node{"field": field}}}, "must_not": []node{{"term": node{field: node{"value": "0"}}}}}}
	case between:
		return node{"range": node{field: node{"gte": p.head + p.text, "lte": p.head + p.last}}}
	default:
		return node{"term": node{field: node{"value": p.text}}}
	}
}

// literal makes of a text a pattern of a wildcard query that finds only the text.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(text)
}
