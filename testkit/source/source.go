// Package source reads the source of tests, for tests that ask whether others are there.
package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
)

// Calls lists what is given as the second argument to calls of a function in a file: names
// as they stand, texts without their quotes.
func Calls(t testing.TB, file, function string) (second []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 2 {
			return true
		}
		if name, ok := call.Fun.(*ast.Ident); !ok || name.Name != function {
			return true
		}
		switch arg := call.Args[1].(type) {
		case *ast.Ident:
			second = append(second, arg.Name)
		case *ast.BasicLit:
			if text, err := strconv.Unquote(arg.Value); err == nil {
				second = append(second, text)
			}
		}
		return true
	})
	return second
}

// Constants lists the names of the constants of a type in a file.
func Constants(t testing.TB, file, typeName string) (names []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := v.Type.(*ast.Ident); ok && name.Name == typeName {
			for _, ident := range v.Names {
				names = append(names, ident.Name)
			}
		}
		return true
	})
	return names
}
