package catalog

import "io/fs"

// Rules are the detection rules that ship with the product: Sigma, one file each, in our
// own words. They are a beginning for those who have none.
func Rules() (fs.FS, error) { return fs.Sub(files, "rules") }
