"""What learners and the public see."""
