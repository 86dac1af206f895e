package onnx

import "errors"

func init() {
	register(importer{op: "Constant", attributes: []string{"value", "value_float", "value_floats", "value_int", "value_ints"}, about: "numbers", run: importConstant})
}

// importConstant takes constants of numbers, given as a tensor, one value or a list.
func importConstant(c *call) {
	if len(c.attrs) != 2 { // the value and the node's number
		c.refuse(idAttribute, "check the file with onnx.checker", "has %d values, want one", len(c.attrs)-1)
		return
	}
	for name, a := range c.attrs {
		if name == indexAttribute {
			continue
		}
		k, err := constantFrom(a)
		if err != nil {
			c.refuse(idAttribute, "", "attribute %s: %v", name, err)
			return
		}
		k.name = c.name
		c.fold(k)
	}
}

// constantFrom returns the constant that an attribute holds.
func constantFrom(attr any) (*constant, error) {
	switch v := attr.(type) {
	case *constant:
		return v, nil
	case float32:
		return &constant{floats: []float32{v}}, nil
	case []float32:
		return &constant{dims: []int{len(v)}, floats: v}, nil
	case int64:
		return &constant{ints: []int64{v}, isInt: true}, nil
	case []int64:
		return intVector(v), nil
	}
	return nil, errors.New("is not a number, a list of numbers or a tensor")
}
