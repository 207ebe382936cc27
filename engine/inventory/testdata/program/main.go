// Program is built by a test, which then reads the modules out of it.
package main

import (
	"fmt"

	packageurl "github.com/package-url/packageurl-go"
)

func main() { fmt.Println(packageurl.TypeGolang) }
