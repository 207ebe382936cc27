package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"holdfast/api/client"
	"holdfast/kind"
	"holdfast/port"
)

// get answers with one record, found by its id or key. A record in the bin has
// deleted_at set.
func (a *api) get(w http.ResponseWriter, r *http.Request) error {
	k, err := a.kindOf(r)
	if err != nil {
		return err
	}
	v, err := params(r, "refs")
	if err != nil {
		return err
	}
	rec, err := a.App.Get(r.Context(), k, r.PathValue("id"))
	if err != nil {
		return err
	}
	if tags := r.Header.Get("If-None-Match"); tags != "" && matches(tags, rec.GetBase().Version) {
		w.Header().Set("ETag", etag(rec.GetBase().Version))
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return a.answerRecord(w, r, http.StatusOK, k, rec, v.Get("refs"))
}

// answerRecord writes a record with its validator.
func (a *api) answerRecord(w http.ResponseWriter, r *http.Request, status int, k *kind.Kind, rec kind.Record, refs string) error {
	list, err := a.encode(r.Context(), k, []kind.Record{rec}, refs)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(rec.GetBase().Version))
	return answer(w, status, list[0])
}

// encode writes records as JSON. refs "key" writes references as keys instead of
// ids, as people and files know them.
func (a *api) encode(ctx context.Context, k *kind.Kind, records []kind.Record, refs string) ([]json.RawMessage, error) {
	list := make([]json.RawMessage, len(records))
	switch refs {
	case "", "id":
	case "key":
		if err := a.refsAsKeys(ctx, k, records); err != nil {
			return nil, err
		}
	default:
		return nil, kind.Fieldf("refs", "must be id or key")
	}
	for i, rec := range records {
		data, err := k.Encode(rec)
		if err != nil {
			return nil, err
		}
		list[i] = data
	}
	return list, nil
}

func (a *api) refsAsKeys(ctx context.Context, k *kind.Kind, records []kind.Record) error {
	keys, err := port.Keys(ctx, a.App, k, records)
	if err != nil {
		return err
	}
	for _, f := range k.Fields {
		if f.Ref == "" {
			continue
		}
		for _, rec := range records {
			key := keys[f.Text(rec)]
			if key == "" {
				continue
			}
			if err := f.SetText(rec, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// create makes a record.
func (a *api) create(w http.ResponseWriter, r *http.Request) error {
	k, err := a.kindOf(r)
	if err != nil {
		return err
	}
	v, err := params(r, "refs")
	if err != nil {
		return err
	}
	data, err := record(w, r)
	if err != nil {
		return err
	}
	rec := k.New()
	if err := k.Decode(rec, data); err != nil {
		return err
	}
	if err := a.App.Save(r.Context(), rec); err != nil {
		return err
	}
	w.Header().Set("Location", Prefix+"/"+k.Plural+"/"+url.PathEscape(rec.GetBase().ID))
	return a.answerRecord(w, r, http.StatusCreated, k, rec, v.Get("refs"))
}

// patch changes the fields that the body names (RFC 7396: null empties a field). A
// version in the body, or If-Match, says which version the change was made for.
func (a *api) patch(w http.ResponseWriter, r *http.Request) error {
	k, err := a.kindOf(r)
	if err != nil {
		return err
	}
	v, err := params(r, "reason", "refs")
	if err != nil {
		return err
	}
	data, err := record(w, r)
	if err != nil {
		return err
	}
	rec, err := a.App.Get(r.Context(), k, r.PathValue("id"))
	if err != nil {
		return err
	}
	if _, err := checkMatch(r, k, rec); err != nil {
		return err
	}
	if err := k.Decode(rec, data); err != nil {
		return err
	}
	if rec.GetBase().Version, err = versionMeant(data, rec.GetBase().Version); err != nil {
		return err
	}
	if err := a.App.SaveBecause(r.Context(), rec, v.Get("reason")); err != nil {
		return err
	}
	return a.answerRecord(w, r, http.StatusOK, k, rec, v.Get("refs"))
}

// versionMeant is the version that the body names, or else the stored one.
func versionMeant(data []byte, stored int64) (int64, error) {
	var meant struct {
		Version *int64 `json:"version"`
	}
	if err := json.Unmarshal(data, &meant); err != nil {
		return 0, kind.Fieldf("version", "expected a whole number")
	}
	if meant.Version == nil {
		return stored, nil
	}
	return *meant.Version, nil
}

// delete puts a record into the bin.
func (a *api) delete(w http.ResponseWriter, r *http.Request) error {
	k, rec, version, err := a.target(r)
	if err != nil {
		return err
	}
	if err := a.App.Delete(r.Context(), k, rec.GetBase().ID, version); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// target is the record of the path, and the version that the request was made for.
func (a *api) target(r *http.Request) (*kind.Kind, kind.Record, int64, error) {
	k, err := a.kindOf(r)
	if err != nil {
		return nil, nil, 0, err
	}
	if _, err := params(r); err != nil {
		return nil, nil, 0, err
	}
	rec, err := a.App.Get(r.Context(), k, r.PathValue("id"))
	if err != nil {
		return nil, nil, 0, err
	}
	version, err := checkMatch(r, k, rec)
	return k, rec, version, err
}

// restore takes a record out of the bin.
func (a *api) restore(w http.ResponseWriter, r *http.Request) error {
	k, rec, _, err := a.target(r)
	if err != nil {
		return err
	}
	if err := a.App.Restore(r.Context(), k, rec.GetBase().ID); err != nil {
		return err
	}
	if rec, err = a.App.Get(r.Context(), k, rec.GetBase().ID); err != nil {
		return err
	}
	return a.answerRecord(w, r, http.StatusOK, k, rec, "")
}

// act does an action.
func (a *api) act(w http.ResponseWriter, r *http.Request) error {
	k, rec, version, err := a.target(r)
	if err != nil {
		return err
	}
	name := r.PathValue("action")
	if k.Action(name) == nil {
		return noAction(k, name)
	}
	var in client.ActionInput
	if err := decode(w, r, &in); err != nil {
		return err
	}
	rec, err = a.App.Do(r.Context(), k, rec.GetBase().ID, name, version, kind.Input{Reason: in.Reason, Until: in.Until})
	if err != nil {
		return err
	}
	return a.answerRecord(w, r, http.StatusOK, k, rec, "")
}

func noAction(k *kind.Kind, name string) error {
	var names []string
	for _, act := range k.Actions {
		names = append(names, act.Name)
	}
	slices.Sort(names)
	if names == nil {
		return kind.Errorf(kind.NotFound, "%s has no actions", k.Name)
	}
	return kind.Errorf(kind.NotFound, "%s has no action %q; it has: %v", k.Name, name, names)
}

// history tells what happened to a record, newest first.
func (a *api) history(w http.ResponseWriter, r *http.Request) error {
	k, err := a.kindOf(r)
	if err != nil {
		return err
	}
	p, err := readPage(r)
	if err != nil {
		return err
	}
	list, err := a.App.History(r.Context(), k, r.PathValue("id"), p.before, p.limit)
	if err != nil {
		return err
	}
	return answerEntries(w, list, nextEntry(list, p.limit))
}
