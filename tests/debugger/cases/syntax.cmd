# A syntax error in a script ends with status 1.
# status: 1
calc 1
foo
echo never
