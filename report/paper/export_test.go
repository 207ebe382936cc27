package paper

import "holdfast/catalog"

// Filled fills a template with some data, for the tests.
func Filled(name, body string) (string, error) {
	return filled(name, body, catalog.DocumentData{Lead: "Ana", Organisation: catalog.DocumentOrganisation{Name: "Org", Size: 1 << 40},
		Crown: make([]catalog.CrownJewel, 10), Vendors: make([]catalog.DocumentVendor, 20), Objectives: make([]string, 20)})
}
