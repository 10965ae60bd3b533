# Of run.sh: slack after the 10th and the 20th inverter of the chain; a tenth of the difference is an FO4.
create_clock -name cycle -period $period
set_input_delay 0 -clock cycle [get_ports in]
set_output_delay 0 -clock cycle [all_outputs]
report_checks -format summary -digits 4 -group_count 2 > $dir/fo4.ends
