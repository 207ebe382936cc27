package store

import (
	"database/sql"
	"slices"
	"strings"
	"unicode"

	"holdfast/kind"
)

// index keeps what search knows of a record. A record in the bin is not found.
func (t *Tx) index(k *kind.Kind, r kind.Record) error {
	b := r.GetBase()
	if !b.DeletedAt.IsZero() {
		_, err := t.exec("DELETE FROM search_doc WHERE workspace_id = ? AND record_id = ?", t.workspace, b.ID)
		return err
	}
	title, body := searchText(k, r)
	_, err := t.exec(`INSERT INTO search_doc (workspace_id, kind, record_id, title, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (workspace_id, record_id) DO UPDATE SET title = excluded.title, body = excluded.body
		WHERE search_doc.title <> excluded.title OR search_doc.body <> excluded.body`, t.workspace, k.Name, b.ID, title, body)
	if err != nil {
		return err
	}
	return t.learn(wordsOf(title))
}

// maxBody bounds what is indexed of one record.
const maxBody = 20_000

func searchText(k *kind.Kind, r kind.Record) (title, body string) {
	b := r.GetBase()
	var text strings.Builder
	for _, f := range k.Fields {
		if f.Search && f.Name != "title" && !f.Hidden && text.Len() < maxBody {
			text.WriteString(f.Text(r))
			text.WriteByte(' ')
		}
	}
	s := text.String()
	if len(s) > maxBody {
		s = strings.ToValidUTF8(s[:maxBody], "")
	}
	return b.Title + " " + b.Key, s
}

// wordsOf splits text into lower-case words, as the indexes of both databases do.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	slices.Sort(words)
	return slices.Compact(words)
}

// learn adds the words of a title to the vocabulary that forgives typing errors.
func (t *Tx) learn(words []string) error {
	words = slices.DeleteFunc(words, func(w string) bool { return len(w) < 3 || len(w) > 40 })
	if len(words) == 0 {
		return nil
	}
	rows := strings.TrimSuffix(strings.Repeat("(?, ?), ", len(words)), ", ")
	args := make([]any, 0, 2*len(words))
	for _, w := range words {
		args = append(args, t.workspace, w)
	}
	_, err := t.exec("INSERT INTO search_word (workspace_id, word) VALUES "+rows+" ON CONFLICT DO NOTHING", args...)
	return err
}

// A Hit is a record that a search found.
type Hit struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Key   string `json:"key"`
	Title string `json:"title"`
}

// Search finds records of the kinds by words in their titles, keys and texts, best
// first. Every word must be found, the last may be unfinished, and a word nobody
// wrote is replaced by the most similar ones that somebody did.
func (t *Tx) Search(kinds []*kind.Kind, text string, limit int) ([]Hit, error) {
	match, err := t.matchText(text)
	if err != nil || match == "" || len(kinds) == 0 {
		return nil, err
	}
	from := "search_text JOIN search_doc d ON d.doc_id = search_text.rowid WHERE search_text MATCH ?"
	rank := "bm25(search_text, 10.0, 1.0)"
	args := []any{match, t.workspace}
	if t.s.d.name == "postgres" {
		from, rank = "search_doc d WHERE d.words @@ to_tsquery('simple', ?)", "-ts_rank(d.words, to_tsquery('simple', ?))"
		args = append(args, match)
	}
	names := make([]any, len(kinds))
	for i, k := range kinds {
		names[i] = k.Name
	}
	sqlText := "SELECT d.kind, d.record_id FROM " + from + " AND d.workspace_id = ? AND d.kind IN (" + marks(len(names)) + ") ORDER BY " + rank + ", d.doc_id LIMIT ?"
	all := []any{args[0], args[1]}
	all = append(append(append(all, names...), args[2:]...), limit)
	var hits []Hit
	err = t.each(func(rows *sql.Rows) error {
		var h Hit
		err := rows.Scan(&h.Kind, &h.ID)
		hits = append(hits, h)
		return err
	}, sqlText, all...)
	if err != nil {
		return nil, err
	}
	return hits, t.nameHits(hits)
}

func (t *Tx) nameHits(hits []Hit) error {
	byKind := map[string][]string{}
	for _, h := range hits {
		byKind[h.Kind] = append(byKind[h.Kind], h.ID)
	}
	for name, ids := range byKind {
		records, err := t.Many(t.s.reg.Named(name), ids)
		if err != nil {
			return err
		}
		for _, r := range records {
			for i := range hits {
				if hits[i].ID == r.GetBase().ID {
					hits[i].Key, hits[i].Title = r.GetBase().Key, r.GetBase().Title
				}
			}
		}
	}
	return nil
}

// addSearch restricts a list to records that a search would find.
func (t *Tx) addSearch(c *conditions, k *kind.Kind, text string) error {
	match, err := t.matchText(text)
	if err != nil {
		return err
	}
	if match == "" {
		c.add("1 = 0")
		return nil
	}
	if t.s.d.name == "postgres" {
		c.add(`"id" IN (SELECT record_id FROM search_doc WHERE words @@ to_tsquery('simple', ?) AND workspace_id = ? AND kind = ?)`, match, t.workspace, k.Name)
		return nil
	}
	c.add(`"id" IN (SELECT d.record_id FROM search_text JOIN search_doc d ON d.doc_id = search_text.rowid WHERE search_text MATCH ? AND d.workspace_id = ? AND d.kind = ?)`,
		match, t.workspace, k.Name)
	return nil
}

// maxWord bounds a word that is looked for, in bytes; PostgreSQL refuses long ones.
const maxWord = 200

// matchText writes the query in the language of the database: all words, each as
// a prefix, a misspelt one as any of its neighbours.
func (t *Tx) matchText(text string) (string, error) {
	words := wordsOf(text)
	if len(words) > 12 {
		words = words[:12]
	}
	and, or, prefix := " AND ", " OR ", func(w string) string { return `"` + w + `"*` }
	if t.s.d.name == "postgres" {
		and, or, prefix = " & ", " | ", func(w string) string { return "'" + w + "':*" }
	}
	var all []string
	for _, w := range words {
		if len(w) > maxWord {
			w = strings.ToValidUTF8(w[:maxWord], "")
		}
		meant, err := t.meant(w)
		if err != nil {
			return "", err
		}
		for i := range meant {
			meant[i] = prefix(meant[i])
		}
		all = append(all, "("+strings.Join(meant, or)+")")
	}
	return strings.Join(all, and), nil
}

// meant returns the word itself if any title has a word that begins with it, or
// else the words of titles that differ by one letter, or two in a long word.
func (t *Tx) meant(word string) ([]string, error) {
	if len(word) < 4 {
		return []string{word}, nil
	}
	var known string
	found, err := t.one([]any{&known}, "SELECT word FROM search_word WHERE workspace_id = ? AND word >= ? AND word < ? LIMIT 1", t.workspace, word, word+"\U0010ffff")
	if err != nil || found {
		return []string{word}, err
	}
	allowed := 1
	if len(word) > 7 {
		allowed = 2
	}
	var near []string
	err = t.each(func(rows *sql.Rows) error {
		var w string
		if err := rows.Scan(&w); err != nil {
			return err
		}
		if kind.Distance(word, w) <= allowed {
			near = append(near, w)
		}
		return nil
	}, "SELECT word FROM search_word WHERE workspace_id = ? AND LENGTH(word) BETWEEN ? AND ?", t.workspace, len(word)-allowed, len(word)+allowed)
	if len(near) == 0 {
		near = []string{word}
	}
	return near[:min(len(near), 8)], err
}
