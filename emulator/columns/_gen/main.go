// Command gen writes the assembly of package columns for amd64:
//
//	go run . -out ../vector_amd64.s
//
// Its files are named like those of the package; what a kernel computes is said by the Go loop there.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("!noasm")
	add()
	add3()
	addProduct()
	mul()
	addGuarded()
	scale()
	clamp()
	addSaturated()
	wrap()
	leakToZero()
	above()
	notBelow()
	andNot()
	reset()
	pack()
	fire()
	fireSigned()
	Generate()
}
