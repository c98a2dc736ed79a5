# A status of the script's choice.
# status: 42
quit 40 + 2
