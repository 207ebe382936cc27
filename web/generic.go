package web

import (
	"holdfast/access"
	"holdfast/kind"
)

// genericPages are the pages that every kind has.
func genericPages(k *kind.Kind) []Page {
	root := "/" + k.Plural
	one := root + "/{id}"
	reads := func(a access.Actor) bool { return a.May(kind.Read, k) != access.Nothing }
	list := Page{Pattern: "GET " + root, Serve: listPage(k)}
	pages := []Page{
		list,
		{Pattern: "GET " + root + "/new", Serve: newPage(k)},
		{Pattern: "POST " + root, Serve: createRecord(k)},
		{Pattern: "GET " + root + "/options", Serve: optionsFragment(k)},
		{Pattern: "POST " + root + "/bulk", Serve: bulkPage(k)},
		{Pattern: "GET " + root + "/views/new", Serve: newViewPage(k)},
		{Pattern: "POST " + root + "/views", Serve: saveView(k)},
		{Pattern: "GET " + one, Serve: detailPage(k)},
		{Pattern: "POST " + one, Serve: updateRecord(k)},
		{Pattern: "GET " + one + "/edit", Serve: editPage(k)},
		{Pattern: "POST " + one + "/delete", Serve: deleteRecord(k)},
		{Pattern: "POST " + one + "/restore", Serve: restoreRecord(k)},
		{Pattern: "GET " + one + "/history", Serve: historyFragment(k)},
		{Pattern: "POST " + one + "/link", Serve: addLink(k)},
		{Pattern: "POST " + one + "/unlink", Serve: removeLink(k)},
		{Pattern: "POST " + one + "/comments", Serve: addComment(k)},
		{Pattern: "GET " + one + "/do/{action}", Serve: actionPage(k)},
		{Pattern: "POST " + one + "/do/{action}", Serve: doAction(k)},
	}
	for i := range pages {
		pages[i].Needs = reads
	}
	return pages
}

// reserved are last parts of addresses that are not keys of records.
var reserved = map[string]bool{"new": true, "options": true, "bulk": true, "views": true}
