package eventstore

import "container/list"

// maxKeys is how many names are remembered; the one that was not used for the longest
// time is forgotten.
const maxKeys = 100_000

// A keyring remembers the last value of each name.
type keyring struct {
	order  *list.List // of Key, the latest first
	byName map[string]*list.Element
}

func newKeyring() keyring { return keyring{list.New(), map[string]*list.Element{}} }

func (r *keyring) get(name string) (string, bool) {
	e, ok := r.byName[name]
	if !ok {
		return "", false
	}
	return e.Value.(Key).Value, true
}

// has tells whether the value is the last one of the name.
func (r *keyring) has(k Key) bool {
	v, known := r.get(k.Name)
	return known && v == k.Value
}

func (r *keyring) put(k Key) {
	if e, ok := r.byName[k.Name]; ok {
		e.Value = k
		r.order.MoveToFront(e)
		return
	}
	r.byName[k.Name] = r.order.PushFront(k)
	if r.order.Len() > maxKeys {
		oldest := r.order.Back()
		delete(r.byName, oldest.Value.(Key).Name)
		r.order.Remove(oldest)
	}
}

// all lists the keys, the one that was not used for the longest time first.
func (r *keyring) all() []Key {
	keys := make([]Key, 0, r.order.Len())
	for e := r.order.Back(); e != nil; e = e.Prev() {
		keys = append(keys, e.Value.(Key))
	}
	return keys
}
